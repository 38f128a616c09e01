# question: accuracy_by_factor
# note: a comprehension with a helper; argmax of the softmax

def accuracy_of(model, images, labels):
    with evaluating(model):
        p = torch.softmax(model(images), dim=-1)
    return (p.max(dim=-1).indices == labels).sum().item() / labels.numel()

def accuracy_by_factor(model, factory, values, seed=0):
    def fresh():
        g = torch.Generator(device="cpu")
        g.manual_seed(seed)
        return g
    return [accuracy_of(model, *factory(v, fresh())) for v in values]
