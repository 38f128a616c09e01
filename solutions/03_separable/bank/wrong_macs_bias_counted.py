# question: multiply_accumulates
# misconception: bias_counted
# sentence: Biases are counted; by the convention of the text they are free.
# hint: Multiply-accumulates of weights only.

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    def hook(m, i, o):
        total.append(o.numel() * (m.weight[0].numel() + (m.bias is not None)))
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(total)
