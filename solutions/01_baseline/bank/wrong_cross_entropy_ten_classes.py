# question: cross_entropy
# misconception: ten_classes_fixed_in_the_loss
# sentence: The number of classes is fixed to ten.
# hint: Read it from the logits' shape.

def cross_entropy(logits, labels):
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -(torch.eye(10)[labels] * log_p).sum(dim=1).mean()
