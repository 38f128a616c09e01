# question: freeze
# misconception: dropout_left_in_train_mode
# sentence: Only batch norm is put into eval mode; dropout goes on dropping.
# hint: Which layers behave differently in train and eval mode?

def freeze(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d):
            part.eval()
    return model
