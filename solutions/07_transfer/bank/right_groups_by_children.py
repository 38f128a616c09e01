# question: fine_tune_parameters
# note: child by child, no group that is empty

def trainable(module):
    return [p for p in module.parameters() if p.requires_grad]

def fine_tune_parameters(model, head_lr, backbone_lr):
    backbone = []
    for name, child in model.named_children():
        if name != "classifier":
            backbone += trainable(child)
    groups = [{"params": backbone, "lr": backbone_lr}, {"params": trainable(model.classifier), "lr": head_lr}]
    return [group for group in groups if group["params"]]
