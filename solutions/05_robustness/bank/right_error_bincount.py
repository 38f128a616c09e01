# question: expected_calibration_error
# note: bincount with weights in float64, a 0-d tensor as the number

def expected_calibration_error(probabilities, labels, bins):
    confidence = probabilities.amax(1).double()
    gap = (probabilities.argmax(1) == labels).double() - confidence
    place = torch.floor(confidence * bins).to(torch.int64)
    place = torch.where(place == bins, bins - 1, place)
    return torch.bincount(place, weights=gap, minlength=bins).abs().sum() / confidence.numel()
