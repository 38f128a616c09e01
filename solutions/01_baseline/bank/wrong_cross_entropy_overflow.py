# question: cross_entropy
# misconception: overflow_of_exp
# sentence: Large logits overflow: e to the 100 is infinite in float32.
# hint: Subtract each row's largest logit before `exp`; the loss does not change.

def cross_entropy(logits, labels):
    log_sums = logits.exp().sum(dim=1).log()
    return (log_sums - logits.gather(1, labels[:, None])[:, 0]).mean()
