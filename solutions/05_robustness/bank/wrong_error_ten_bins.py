# question: expected_calibration_error
# misconception: ten_bins_always
# sentence: There are always ten bins.
# hint: Which argument is not used?

def expected_calibration_error(probabilities, labels, bins):
    bins = 10
    confidence, predicted = probabilities.max(1)
    gap = (predicted == labels).float() - confidence
    sums = torch.zeros(bins).index_add_(0, (confidence * bins).long().clamp(max=bins - 1), gap)
    return (sums.abs().sum() / len(labels)).item()
