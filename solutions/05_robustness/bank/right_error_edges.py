# question: expected_calibration_error
# note: a loop over the bins and their edges, closed on the right as in the paper

def expected_calibration_error(probabilities, labels, bins):
    conf, pred = probabilities.max(1)
    acc = pred.eq(labels)
    edges = torch.linspace(0, 1, bins + 1)
    ece = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (conf > low) & (conf <= high)
        if inside.any():
            ece += abs(acc[inside].float().mean() - conf[inside].mean()).item() * inside.float().mean().item()
    return ece
