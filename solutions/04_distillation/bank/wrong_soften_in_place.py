# question: soften
# misconception: input_changed_in_place
# sentence: The caller's logits are divided in place.
# hint: `a /= b` changes the tensor that the caller still holds.

def soften(logits, T):
    with torch.no_grad():
        logits /= T
    return F.softmax(logits, dim=1)
