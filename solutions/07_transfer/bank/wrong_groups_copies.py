# question: fine_tune_parameters
# misconception: copies_of_parameters
# sentence: The groups hold copies: an optimizer moves them, and the network stays.
# hint: `detach().clone()` makes another tensor.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(nn.Parameter(parameter.detach().clone()))
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
