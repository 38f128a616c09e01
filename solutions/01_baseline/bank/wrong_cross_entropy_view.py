# question: cross_entropy
# misconception: view_of_transposed_logits
# sentence: `view` works only where the numbers lie in memory in order, so logits that are a transposed matrix raise an error.
# hint: `reshape` copies where it has to.

def cross_entropy(logits, labels):
    z = logits.view(-1, logits.shape[1])
    z = z - z.amax(dim=1, keepdim=True)
    flat, n = z.exp().sum(dim=1).log(), len(labels)
    return (flat - logits.view(-1)[torch.arange(n) * z.shape[1] + labels] + logits.amax(dim=1)).mean()
