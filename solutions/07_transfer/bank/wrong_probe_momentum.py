# question: train_linear_probe
# misconception: momentum_added
# sentence: The steps have momentum.
# hint: Plain gradient descent has no memory.

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr, momentum=0.9)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
