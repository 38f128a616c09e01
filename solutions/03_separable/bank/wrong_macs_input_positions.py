# question: multiply_accumulates
# misconception: input_positions_counted
# sentence: Positions of the layer's input are counted instead of its output.
# hint: A convolution with stride 2 does its products once per *output* position.

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    def hook(m, i, o):
        if isinstance(m, nn.Linear):
            total.append(m.in_features * m.out_features)
        else:
            total.append(i[0].shape[2] * i[0].shape[3] * m.weight.numel())
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(total)
