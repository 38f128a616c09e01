# question: multiply_accumulates
# misconception: groups_ignored
# sentence: `groups` is ignored: a depthwise layer is counted like a full one.
# hint: How many input channels does one output channel of a grouped convolution read?

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    def hook(m, i, o):
        if isinstance(m, nn.Linear):
            total.append(m.in_features * m.out_features)
        else:
            total.append(o.shape[2] * o.shape[3] * m.out_channels * m.in_channels * m.kernel_size[0] * m.kernel_size[1])
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(total)
