# question: cross_entropy
# misconception: sum_over_the_batch
# sentence: The loss is summed over the batch instead of averaged.
# hint: The same batch twice should have the same loss.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1).log()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).sum()
