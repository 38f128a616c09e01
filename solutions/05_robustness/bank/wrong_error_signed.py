# question: expected_calibration_error
# misconception: signs_cancel
# sentence: Bins that are too sure and bins that are not sure enough cancel out.
# hint: Take the absolute value of each bin before adding.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    total = torch.zeros(())
    for b in number.unique():
        inside = number == b
        total += inside.sum() * (right[inside].mean() - confidence[inside].mean())
    return float(total.abs() / len(labels))
