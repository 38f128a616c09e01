# question: expected_calibration_error
# misconception: distance_per_image
# sentence: The absolute value is taken for each image, before the mean over its bin.
# hint: A calibrated network that says 0.8 is wrong on some images; that is no error.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    total = 0.0
    for b in number.unique():
        inside = number == b
        total += inside.sum() * (right[inside] - confidence[inside]).abs().mean()
    return float(total / len(labels))
