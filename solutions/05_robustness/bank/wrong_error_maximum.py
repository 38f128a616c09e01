# question: expected_calibration_error
# misconception: largest_gap
# sentence: The largest gap of all bins is returned: the maximum calibration error.
# hint: Expected means weighed by how many images are in the bin.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    return max(float((right[number == b].mean() - confidence[number == b].mean()).abs()) for b in number.unique())
