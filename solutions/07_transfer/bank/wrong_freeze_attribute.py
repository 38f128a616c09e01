# question: freeze
# misconception: attribute_of_the_module
# sentence: `requires_grad` is set on the network, where it means nothing; its parameters still ask for gradients.
# hint: Which objects have gradients: modules or parameters?

def freeze(model):
    model.requires_grad = False
    for parameter in model.parameters():
        parameter.grad = None
    return model.eval()
