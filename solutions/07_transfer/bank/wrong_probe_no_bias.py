# question: train_linear_probe
# misconception: no_bias
# sentence: The probe has no biases: on features of zero its logits are all zero.
# hint: The formula has a term b.

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes, bias=False)
    nn.init.zeros_(probe.weight)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
