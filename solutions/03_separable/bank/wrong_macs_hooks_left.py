# question: multiply_accumulates
# misconception: hooks_left
# sentence: Hooks stay registered, so every later forward pass still calls them.
# hint: `register_forward_hook` returns a handle; what is it for?

def multiply_accumulates(model, input_size):
    total, was = [], {m: m.training for m in model.modules()}
    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.register_forward_hook(lambda m, i, o: total.append(o.numel() * m.weight[0].numel()))
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for m, t in was.items():
        m.training = t
    return sum(total)
