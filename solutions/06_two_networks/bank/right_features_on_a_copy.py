# question: penultimate_features
# note: a copy of the model, whose last linear layer becomes an identity

import copy

def penultimate_features(model, images):
    twin = copy.deepcopy(model).eval()
    name = [n for n, m in twin.named_modules() if isinstance(m, nn.Linear)][-1]
    parent, _, leaf = name.rpartition(".")
    setattr(twin.get_submodule(parent), leaf, nn.Identity())
    with torch.no_grad():
        return twin(images).detach()
