# question: train_linear_probe
# misconception: classes_counted_from_labels
# sentence: The number of logits is taken from the labels.
# hint: A class may be missing among ten images.

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], int(labels.max()) + 1)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
