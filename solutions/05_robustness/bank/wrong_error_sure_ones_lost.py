# question: expected_calibration_error
# misconception: confidence_of_one_lost
# sentence: Predictions with a confidence of exactly 1 are in no bin.
# hint: The last bin is closed on both sides.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    total = 0.0
    for b in range(bins):
        inside = (confidence >= b / bins) & (confidence < (b + 1) / bins)
        if inside.any():
            total += inside.sum().item() * abs(right[inside].mean() - confidence[inside].mean()).item()
    return total / len(labels)
