# question: multiply_accumulates
# misconception: linear_not_counted
# sentence: Linear layers are not counted.
# hint: The classifier multiplies too.

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    hooks = [m.register_forward_hook(lambda m, i, o: total.append(o.numel() * m.weight[0].numel()))
             for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    for m, t in was.items():
        m.training = t
    return sum(total)
