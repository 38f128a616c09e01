# question: cross_entropy
# misconception: binary_cross_entropy_per_class
# sentence: Each class gets a sigmoid and a binary cross-entropy of its own; the classes do not share one softmax.
# hint: The probabilities of one image should add up to 1 over its classes. Do a sigmoid's?

def cross_entropy(logits, labels):
    truth = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    softplus = logits.clamp(min=0) + (-logits.abs()).exp().log1p()
    return (softplus - logits * truth).sum(dim=1).mean()
