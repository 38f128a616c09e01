# question: fine_tune_parameters
# misconception: head_is_the_last_two_tensors
# sentence: The last two tensors are taken for the head.
# hint: A head may have two layers, or no bias.

def fine_tune_parameters(model, head_lr, backbone_lr):
    *backbone, a, b = list(model.parameters())
    backbone, head = [p for p in backbone if p.requires_grad], [p for p in (a, b) if p.requires_grad]
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
