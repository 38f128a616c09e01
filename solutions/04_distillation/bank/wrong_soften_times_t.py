# question: soften
# misconception: multiplied_by_t
# sentence: Logits are multiplied by T instead of divided.
# hint: A larger T should make the bars more alike.

def soften(logits, T):
    return F.softmax(logits * T, dim=1)
