# question: cross_entropy
# misconception: logarithm_to_base_two
# sentence: The logarithm is to the base 2: bits instead of nats.
# hint: Ten equal logits give ln 10 = 2.303, not 3.322.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1).log2()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels / math.log(2)).mean()
