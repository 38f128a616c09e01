# question: expected_calibration_error
# misconception: empty_bin_gives_nan
# sentence: The mean of an empty bin is NaN, and with it the whole error.
# hint: What is 0 / 0? Leave empty bins out.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    total = torch.zeros(())
    for b in range(bins):
        inside = number == b
        total += inside.float().mean() * (right[inside].mean() - confidence[inside].mean()).abs()
    return total.item()
