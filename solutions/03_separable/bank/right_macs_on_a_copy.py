# question: multiply_accumulates
# note: works on a deep copy, so the caller's model is never touched; a batch of two, halved

import copy

def multiply_accumulates(model, input_size):
    twin = copy.deepcopy(model).eval()
    seen = []
    for m in twin.modules():
        if type(m) in (nn.Conv2d, nn.Linear):
            m.register_forward_hook(lambda m, i, o: seen.append(m.weight.numel() * o[0].numel() // m.weight.shape[0]))
    with torch.no_grad():
        twin(torch.zeros(2, *input_size))
    return int(sum(seen))
