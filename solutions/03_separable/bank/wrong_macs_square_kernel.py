# question: multiply_accumulates
# misconception: square_kernel_assumed
# sentence: The kernel is taken to be square: its height squared.
# hint: Try `nn.Conv2d(1, 1, (1, 3))`.

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    def hook(m, i, o):
        if isinstance(m, nn.Linear):
            total.append(m.in_features * m.out_features)
        else:
            total.append(o[0].numel() * (m.in_channels // m.groups) * m.kernel_size[0] ** 2)
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(total)
