# question: cross_entropy
# misconception: column_of_labels_for_every_row
# sentence: Every row is indexed with the labels of all images: an N × N table instead of N numbers.
# hint: `z[:, labels]` has the shape (N, N). Each image has one label: use `torch.arange` for the rows, or `gather`.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1).log()
    of_labels = shifted[:, labels]
    return (log_sums - of_labels).mean()
