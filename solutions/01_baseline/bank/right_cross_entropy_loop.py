# question: cross_entropy
# note: a loop over the images, the maximum detached

def cross_entropy(logits, labels):
    losses = []
    for z, y in zip(logits, labels):
        top = z.max().detach()
        losses.append(top + (z - top).exp().sum().log() - z[y])
    return torch.stack(losses).mean()
