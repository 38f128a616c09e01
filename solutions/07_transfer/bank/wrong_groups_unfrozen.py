# question: fine_tune_parameters
# misconception: frozen_parameters_unfrozen
# sentence: Frozen parameters are unfrozen and trained.
# hint: Who decided that they are frozen? Leave it so.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        parameter.requires_grad = True
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
