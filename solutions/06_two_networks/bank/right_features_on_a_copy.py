# question: penultimate_features
# note: a hook on a copy of the whole network, so nothing has to be put back

import copy

def penultimate_features(model, images):
    twin = copy.deepcopy(model).eval()
    last = [part for part in twin.modules() if isinstance(part, nn.Linear)][-1]
    kept = {}
    last.register_forward_hook(lambda layer, inputs, output: kept.update(found=inputs[0].detach()))
    with torch.no_grad():
        twin(images)
    return kept["found"]
