# question: train_linear_probe
# misconception: only_the_first_images
# sentence: Only the first 64 images are used.
# hint: All N at once.

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features[:64]), labels[:64])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
