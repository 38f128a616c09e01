# question: expected_calibration_error
# misconception: bin_centres_for_confidence
# sentence: A bin's accuracy is compared with the middle of the bin, not with the mean confidence of the images in it.
# hint: Ten images that are all 0.81 sure lie in the bin from 0.8 to 0.9: how sure are they on average?

def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(dim=1)
    right = (predicted == labels).to(confidence.dtype)
    number = (confidence * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in number.unique():
        inside = number == b
        error += inside.sum() * (right[inside].mean() - (b + 0.5) / bins).abs()
    return float(error / len(labels))
