# question: multiply_accumulates
# misconception: mode_not_restored
# sentence: The model is left in eval mode.
# hint: Note every module's `training` before you change it.

def multiply_accumulates(model, input_size):
    model.eval()
    total = []
    hooks = [m.register_forward_hook(lambda m, i, o: total.append(o.numel() * m.weight[0].numel()))
             for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(torch.zeros(1, *input_size))
    for h in hooks:
        h.remove()
    model.train
    return sum(total)
