# question: soften
# note: exp of logits minus their largest, in float64 inside

def soften(logits, T):
    z = logits.double() / T
    e = torch.exp(z - z.amax(dim=-1, keepdim=True))
    return (e / e.sum(-1, keepdim=True)).to(logits.dtype)
