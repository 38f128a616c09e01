# question: fine_tune_parameters
# misconception: frozen_parameters_included
# sentence: Frozen parameters are in a group too.
# hint: Ask each parameter whether it wants a gradient.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if True:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
