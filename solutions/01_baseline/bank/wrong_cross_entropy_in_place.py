# question: cross_entropy
# misconception: logits_shifted_in_place
# sentence: The maximum is subtracted from the caller's logits in place.
# hint: `a -= b` changes the tensor that the caller still holds.

def cross_entropy(logits, labels):
    with torch.no_grad():
        logits -= logits.amax(dim=1, keepdim=True)
    shifted = logits
    log_sums = shifted.exp().sum(dim=1).log()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).mean()
