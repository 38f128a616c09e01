# question: train_linear_probe
# misconception: sum_of_losses
# sentence: The losses are added, not averaged: steps grow with the number of images.
# hint: What does 1/N in the formula do?

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels, reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
