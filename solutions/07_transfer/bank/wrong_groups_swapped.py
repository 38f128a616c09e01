# question: fine_tune_parameters
# misconception: rates_swapped
# sentence: The backbone has the head's rate, and the head the backbone's.
# hint: Which of them is new and has to move fast?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": head_lr}, {"params": head, "lr": backbone_lr}]
