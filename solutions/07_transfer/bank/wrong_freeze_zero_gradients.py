# question: freeze
# misconception: gradients_zero_not_none
# sentence: Old gradients are set to zero, and weight decay still pulls on the weights.
# hint: An optimizer skips a parameter only where its gradient is None.

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
        parameter.grad = torch.zeros_like(parameter)
    return model.eval()
