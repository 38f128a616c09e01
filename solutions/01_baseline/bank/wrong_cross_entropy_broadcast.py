# question: cross_entropy
# misconception: column_minus_row
# sentence: A column (N, 1) minus a row (N,) has become an N × N table before the mean.
# hint: Print the shapes of both terms before you subtract.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1, keepdim=True).log()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).mean()
