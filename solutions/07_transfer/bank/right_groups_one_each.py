# question: fine_tune_parameters
# note: a group for each parameter, in the order of the network

def fine_tune_parameters(model, head_lr, backbone_lr):
    groups = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        lr = head_lr if name.split(".", 1)[0] == "classifier" else backbone_lr
        groups.append({"params": [parameter], "lr": lr, "name": name})
    return groups
