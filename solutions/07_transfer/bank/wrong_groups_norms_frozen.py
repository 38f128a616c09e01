# question: fine_tune_parameters
# misconception: batch_norm_left_out
# sentence: The weights and biases of batch norm are in no group.
# hint: They are parameters of the backbone like others.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and not any(
            parameter is own for part in model.modules() if isinstance(part, nn.BatchNorm2d | nn.BatchNorm1d) for own in part.parameters()
        ):
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
