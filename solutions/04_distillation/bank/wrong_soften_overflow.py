# question: soften
# misconception: overflow_of_exp
# sentence: Large logits overflow: infinity divided by infinity.
# hint: Subtract each row's largest logit first; the result does not change.

def soften(logits, T):
    e = torch.exp(logits / T)
    return e / e.sum(dim=1, keepdim=True)
