# question: soften
# note: nn.Softmax and a default temperature

softmax = nn.Softmax(dim=-1)

def soften(logits, T=1.0):
    return softmax(logits.mul(1 / T))
