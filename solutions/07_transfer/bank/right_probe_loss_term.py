# question: train_linear_probe
# note: weight decay as a term of the loss, torch.autograd.grad, a default argument

def train_linear_probe(features, labels, classes, steps, lr, weight_decay=0.0):
    probe = nn.Linear(features.size(-1), classes)
    for p in probe.parameters():
        nn.init.constant_(p, 0.0)
    for step in range(steps):
        log_p = torch.log_softmax(probe(features), dim=-1)
        loss = -log_p[torch.arange(len(labels)), labels].mean() + weight_decay / 2 * (probe.weight**2).sum()
        for p, g in zip(probe.parameters(), torch.autograd.grad(loss, list(probe.parameters()))):
            p.data -= lr * g
    return probe
