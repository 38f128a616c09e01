# question: cross_entropy
# misconception: ready_made_loss
# sentence: The ready-made loss is called, which the text excludes.
# hint: Write the formula with exp, log, sum and max.

from torch.nn.functional import cross_entropy as ready

def cross_entropy(logits, labels):
    return ready(logits, labels)
