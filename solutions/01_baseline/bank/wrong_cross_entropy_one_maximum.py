# question: cross_entropy
# misconception: one_maximum_for_the_batch
# sentence: One maximum is subtracted from the whole batch: rows far below it become the logarithm of zero.
# hint: The constant may be another one for each image. Over which dimension is the maximum?

def cross_entropy(logits, labels):
    shifted = logits - logits.max()
    log_sums = shifted.exp().sum(dim=1).log()
    return (log_sums - shifted.gather(1, labels[:, None])[:, 0]).mean()
