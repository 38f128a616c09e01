# question: cross_entropy
# misconception: mean_over_classes
# sentence: The average runs over the classes too, so the loss is C times too small.
# hint: With ten equal logits the loss is ln 10. Divide by the number of images only.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(F.one_hot(labels, logits.shape[1]) * log_p).mean()
