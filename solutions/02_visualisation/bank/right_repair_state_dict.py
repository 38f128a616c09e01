# question: repair_sanity_check
# note: shuffles a state dict by sorting random numbers; ranks by comparing all pairs, correlation by hand

def randomised_copy(model, generator):
    names = {name for name, _ in model.named_parameters()}
    state = {}
    for name, tensor in model.state_dict().items():
        state[name] = tensor.clone()
        if name in names:
            keys = torch.rand(tensor.numel(), generator=generator)
            state[name] = tensor.reshape(-1)[keys.argsort()].view(tensor.shape)
    other = copy.deepcopy(model)
    other.load_state_dict(state)
    return other

def ranks(v):
    v = v.reshape(-1)
    return (v[None, :] < v[:, None]).sum(1).float()

def rank_correlation(a, b):
    r, s = ranks(a), ranks(b)
    r, s = r - r.mean(), s - s.mean()
    return (r @ s / (r @ r).sqrt() / (s @ s).sqrt()).item()
