# question: cross_entropy
# misconception: no_gradient_to_the_logits
# sentence: No gradient reaches the logits, so nothing can learn.
# hint: Look for `detach`, `item`, `no_grad` or a new tensor made from numbers.

def cross_entropy(logits, labels):
    logits = logits.detach()
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1).log()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).mean()
