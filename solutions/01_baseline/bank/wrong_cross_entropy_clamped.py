# question: cross_entropy
# misconception: probability_clamped
# sentence: A small number is added to the probability, so that no loss can be larger than 18.4.
# hint: A loss of 1000 is right for logits [1000, 0] and label 1; what does yours give?

def cross_entropy(logits, labels):
    p = torch.softmax(logits, dim=1)
    return -(p[torch.arange(len(labels)), labels] + 1e-8).log().mean()
