# question: fine_tune_parameters
# misconception: name_contains_classifier
# sentence: Every parameter with "classifier" anywhere in its name is taken for the head, also one of a part that is only called alike.
# hint: A backbone may have a part called `preclassifier`: with what exactly do the names of the head begin?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if "classifier" in name else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
