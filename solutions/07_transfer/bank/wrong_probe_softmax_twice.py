# question: train_linear_probe
# misconception: softmax_twice
# sentence: Probabilities go into the cross-entropy, which takes logits: the softmax is applied twice.
# hint: What does `F.cross_entropy` do first?

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features).softmax(dim=1), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
