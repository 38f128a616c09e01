# question: multiply_accumulates
# misconception: measured_in_train_mode
# sentence: The dummy image goes through in train mode and moves batch norm's running mean.
# hint: `torch.no_grad()` does not keep batch norm from updating its statistics.

def multiply_accumulates(model, input_size):
    total = []
    hooks = [m.register_forward_hook(lambda m, i, o: total.append(o.numel() // 2 * m.weight[0].numel()))
             for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        model(torch.zeros(2, *input_size))
    for h in hooks:
        h.remove()
    return sum(total)
