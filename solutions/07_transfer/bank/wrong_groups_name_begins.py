# question: fine_tune_parameters
# misconception: name_begins_with_classifier
# sentence: Every parameter whose name begins with "classifier" is taken for the head, also one of a part like `classifier_norm`.
# hint: What stands between the name of a part and the names of its parameters?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
