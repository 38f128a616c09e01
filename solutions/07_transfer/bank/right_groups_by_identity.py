# question: fine_tune_parameters
# note: a set of ids, filter, head first

def fine_tune_parameters(model, head_lr, backbone_lr=1e-3):
    of_head = {id(p) for p in model.classifier.parameters()}
    learns = list(filter(lambda p: p.requires_grad, model.parameters()))
    return [
        dict(params=[p for p in learns if id(p) in of_head], lr=head_lr),
        dict(params=[p for p in learns if id(p) not in of_head], lr=backbone_lr),
    ]
