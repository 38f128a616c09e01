# question: freeze
# misconception: biases_forgotten
# sentence: Weights are frozen, biases are not.
# hint: Which parameters have one dimension only?

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = parameter.ndim == 1
        parameter.grad = None
    return model.eval()
