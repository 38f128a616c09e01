# question: fine_tune_parameters
# misconception: backbone_rate_guessed
# sentence: The backbone's rate is a tenth of the head's, whatever was asked for.
# hint: Which argument is not used?

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": head_lr / 10}, {"params": head, "lr": head_lr}]
