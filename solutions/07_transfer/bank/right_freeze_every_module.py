# question: freeze
# note: part by part, with a list comprehension over the modules

def freeze(model):
    for part in model.modules():
        part.training = False
        for p in part.parameters(recurse=False):
            p.grad = None
            p.requires_grad_(False)
    return model
