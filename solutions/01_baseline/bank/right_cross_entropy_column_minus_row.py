# question: cross_entropy
# note: a column minus a row: an N × N table, whose mean is the difference of the means all the same

def cross_entropy(logits, labels):
    top = logits.amax(dim=1, keepdim=True)
    log_sums = top + (logits - top).exp().sum(dim=1, keepdim=True).log()
    return (log_sums - logits[torch.arange(len(labels)), labels]).mean()
