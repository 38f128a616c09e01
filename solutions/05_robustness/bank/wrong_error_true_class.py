# question: expected_calibration_error
# misconception: confidence_of_the_true_class
# sentence: The confidence is taken from the true class instead of the predicted one.
# hint: The network does not know the label when it says how sure it is.

def expected_calibration_error(probabilities, labels, bins):
    confidence = probabilities.gather(1, labels[:, None])[:, 0]
    right = (probabilities.argmax(1) == labels).float()
    number = (confidence * bins).long().clamp(max=bins - 1)
    total = 0.0
    for b in number.unique():
        inside = number == b
        total += inside.sum() * (right[inside].mean() - confidence[inside].mean()).abs()
    return float(total / len(labels))
