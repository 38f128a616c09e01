# question: freeze
# misconception: nothing_returned
# sentence: Nothing is returned.
# hint: A function without `return` gives None.

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    model.eval()
