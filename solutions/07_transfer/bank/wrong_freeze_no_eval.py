# question: freeze
# misconception: batch_norm_goes_on_learning
# sentence: The parameters are frozen, but batch norm and dropout are left in train mode.
# hint: What of a network changes in a forward pass alone?

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    return model
