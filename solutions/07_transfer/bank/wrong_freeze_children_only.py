# question: freeze
# misconception: only_the_outer_parts
# sentence: Only the outermost layers are frozen, not those inside them.
# hint: A part may have parts: which method walks through all of them?

def freeze(model):
    for child in model.children():
        for parameter in child.parameters(recurse=False):
            parameter.requires_grad = False
            parameter.grad = None
    model.zero_grad()
    return model.eval()
