# question: fine_tune_parameters
# misconception: one_dimensional_ones_forgotten
# sentence: Biases and the parameters of batch norm are in no group.
# hint: Does every parameter that asks for a gradient get steps?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and parameter.ndim > 1:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
