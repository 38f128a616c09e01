# question: cross_entropy
# note: one-hot labels, float64 inside, einsum

def log_probabilities(z):
    z = z - z.max(dim=-1, keepdim=True).values
    return z - torch.log(torch.exp(z).sum(-1, keepdim=True))

def cross_entropy(logits, labels):
    onehot = F.one_hot(labels, logits.shape[1]).double()
    loss = -torch.einsum("nc,nc->", onehot, log_probabilities(logits.double())) / logits.shape[0]
    return loss.to(logits.dtype)
