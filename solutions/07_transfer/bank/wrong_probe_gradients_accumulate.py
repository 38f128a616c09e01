# question: train_linear_probe
# misconception: gradients_accumulate
# sentence: Gradients of earlier steps are never cleared.
# hint: `backward` adds to what is there.

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        loss.backward()
        optimizer.step()
    return probe
