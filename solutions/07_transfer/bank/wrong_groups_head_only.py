# question: fine_tune_parameters
# misconception: backbone_forgotten
# sentence: The backbone is in no group, so it never learns.
# hint: That would be a linear probe. Where does the other rate go?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": head, "lr": head_lr}]
