# question: freeze
# misconception: frozen_copy
# sentence: A copy is frozen; the network that was given is as it was.
# hint: The docstring says: changed in place.

def freeze(model):
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    return twin.eval()
