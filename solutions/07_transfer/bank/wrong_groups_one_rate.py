# question: fine_tune_parameters
# misconception: one_rate_for_all
# sentence: Head and backbone have the same rate.
# hint: Which argument is not used?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": head_lr}, {"params": head, "lr": head_lr}]
