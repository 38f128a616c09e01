# question: train_linear_probe
# misconception: decay_divided_by_n
# sentence: Weight decay is divided by the number of images.
# hint: Does the mean in the formula reach over the second term?

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay / len(features)}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
