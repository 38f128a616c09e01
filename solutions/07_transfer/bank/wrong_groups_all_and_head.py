# question: fine_tune_parameters
# misconception: head_in_two_groups
# sentence: The head is in two groups: in its own and among all parameters.
# hint: torch says: some parameters appear in more than one parameter group.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            backbone.append(parameter)
            if name.startswith("classifier."):
                head.append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
