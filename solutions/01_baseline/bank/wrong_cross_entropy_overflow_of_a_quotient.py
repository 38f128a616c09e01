# question: cross_entropy
# misconception: overflow_of_exp
# sentence: Large logits overflow: e to the 100 is infinite in float32.
# hint: Subtract each row's largest logit before `exp`; the loss does not change.

def cross_entropy(logits, labels):
    e = torch.exp(logits)
    p = torch.div(e, torch.sum(e, dim=1, keepdim=True))
    return -torch.mean(torch.log(torch.gather(p, 1, labels.unsqueeze(1))))
