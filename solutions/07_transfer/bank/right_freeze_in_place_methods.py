# question: freeze
# note: requires_grad_, zero_grad, train(False)

def freeze(model):
    model.train(False)
    model.requires_grad_(False)
    model.zero_grad(set_to_none=True)
    return model
