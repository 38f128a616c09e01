# question: fine_tune_parameters
# misconception: rate_of_the_head_missing
# sentence: The head's group has no rate of its own and gets the optimizer's.
# hint: Each dictionary needs "params" and "lr".

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head}]
