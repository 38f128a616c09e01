# question: evaluate
# note: inference mode as a decorator, logits collected and judged once, mode put back

@torch.inference_mode()
def evaluate(model, loader):
    mode = model.training
    model.eval()
    pairs = [(model(x), y) for x, y in loader]
    model.train(mode)
    z, y = torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])
    return float(cross_entropy(z, y)), float((z.argmax(-1) == y).float().mean())
