# question: expected_calibration_error
# misconception: bins_not_weighed
# sentence: All bins that are not empty count the same.
# hint: A bin with one image should not weigh as much as one with a thousand.

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    gaps = [(right[number == b].mean() - confidence[number == b].mean()).abs() for b in number.unique()]
    return float(sum(gaps) / len(gaps))
