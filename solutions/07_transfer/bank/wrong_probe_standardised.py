# question: train_linear_probe
# misconception: features_standardised_unasked
# sentence: The features are standardised first, but the probe gets raw ones later.
# hint: Which features will the returned layer see?

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    features = (features - features.mean(0)) / features.std(0, correction=0).clamp_min(1e-6)
    probe = nn.Linear(features.shape[1], classes)
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
