# question: evaluate
# note: tensors instead of floats in the result, hits through topk

def evaluate(model, loader):
    model.train(False)
    losses, hits, n = torch.tensor(0.0), torch.tensor(0), 0
    for x, y in loader:
        with torch.no_grad():
            out = model(x)
            losses = losses + F.cross_entropy(out, y, reduction="sum")
        best = out.topk(1, dim=1).indices.view(-1)
        hits, n = hits + torch.eq(best, y).sum(), n + y.numel()
    return losses / n, hits.float() / n
