# question: fine_tune_parameters
# misconception: backbone_is_the_first_part
# sentence: Only the first part of the network is taken for the backbone.
# hint: All that is not the head is backbone.

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            if name.startswith("classifier."):
                head.append(parameter)
            elif name.startswith(next(iter(dict(model.named_children()))) + "."):
                backbone.append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
