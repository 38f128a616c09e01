# question: cross_entropy
# misconception: log_of_zero
# sentence: The logarithm of a probability that has rounded to zero is infinite.
# hint: Never form the probability: the logarithm of a quotient is a difference.

def cross_entropy(logits, labels):
    e = torch.exp(logits - torch.max(logits, 1, keepdim=True)[0])
    logs = torch.log(torch.div(e, e.sum(1, keepdim=True)))
    return -(F.one_hot(labels, logits.shape[1]) * logs).sum(1).mean()
