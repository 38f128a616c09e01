# question: cross_entropy
# misconception: softmax_over_the_batch
# sentence: The softmax runs over the batch instead of the classes.
# hint: Which dimension of (N, C) holds the classes? One image alone should have a loss too.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=0, keepdim=True)
    log_sums = shifted.exp().sum(dim=0).log()[labels]
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).mean()
