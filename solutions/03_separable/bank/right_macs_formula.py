# question: multiply_accumulates
# note: the formula of the text term by term, hooks removed in a finally clause

def multiply_accumulates(model, input_size):
    total = 0
    def look(layer, inputs, output):
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            _, _, h, w = output.shape
            kh, kw = layer.kernel_size
            total += h * w * layer.out_channels * (layer.in_channels // layer.groups) * kh * kw
        else:
            total += layer.in_features * layer.out_features
    handles, was = [], [(m, m.training) for m in model.modules()]
    try:
        for m in model.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                handles.append(m.register_forward_hook(look))
        model.eval()
        with torch.inference_mode():
            model(torch.randn(1, *input_size))
    finally:
        for h in handles:
            h.remove()
        for m, t in was:
            m.training = t
    return total
