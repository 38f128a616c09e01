# question: freeze
# misconception: old_gradients_stay
# sentence: Old gradients are left, and an optimizer still follows them.
# hint: What does SGD do with a parameter whose `grad` is not None?

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
    return model.eval()
