# question: soften
# misconception: temperature_after_softmax
# sentence: The softmax comes before the division by T.
# hint: Temperature acts on logits.

def soften(logits, T):
    p = F.softmax(logits, dim=1) / T
    return p / p.sum(dim=1, keepdim=True)
