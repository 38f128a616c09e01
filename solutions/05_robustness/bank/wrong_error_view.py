# question: expected_calibration_error
# misconception: view_of_transposed_probabilities
# sentence: `view` works only where the numbers lie in memory in order, so a transposed matrix raises an error.
# hint: `reshape` copies where it has to; `max(dim=1)` needs neither.

def expected_calibration_error(probabilities, labels, bins):
    n, classes = probabilities.shape
    predicted = probabilities.argmax(dim=1)
    confidence = probabilities.view(-1)[torch.arange(n) * classes + predicted]
    place = (confidence * bins).long().clamp(max=bins - 1)
    gap = (predicted == labels).double() - confidence.double()
    return torch.zeros(bins, dtype=torch.float64).index_add(0, place, gap).abs().sum().item() / n
