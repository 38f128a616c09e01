# question: multiply_accumulates
# misconception: repeated_calls_counted_once
# sentence: A layer that is called twice is counted once.
# hint: A dictionary with one entry per layer forgets earlier calls: add up.

def multiply_accumulates(model, input_size):
    counts, was = {}, {m: m.training for m in model.modules()}
    def hook(m, i, o):
        counts[m] = o.numel() * m.weight[0].numel()
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(counts.values())
