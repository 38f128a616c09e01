# question: cross_entropy
# misconception: log_of_zero
# sentence: The logarithm of a probability that has rounded to zero is infinite.
# hint: Never form the probability: the logarithm of a quotient is a difference.

def cross_entropy(logits, labels):
    e = (logits - logits.amax(dim=1, keepdim=True)).exp()
    p = e / e.sum(dim=1, keepdim=True)
    return -p[torch.arange(len(labels)), labels].log().mean()
