# question: crop_stability
# note: torch.mode (smallest among equals), unbiased=False

def crop_stability(probabilities):
    flat = probabilities.flatten(end_dim=1)
    votes = flat.argmax(1)
    winner = votes.sort().values.mode().values
    return (votes == winner).float().mean().item(), float(flat[:, winner].std(unbiased=False))
