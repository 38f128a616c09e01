# question: train_linear_probe
# note: an optimizer for the weight and one for the bias, gradients cleared after the step

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    layer = nn.Linear(features.shape[1], classes)
    layer.weight.data.zero_()
    layer.bias.data.zero_()
    one = torch.optim.SGD([layer.weight], lr=lr, weight_decay=weight_decay)
    two = torch.optim.SGD([layer.bias], lr=lr)
    criterion = nn.CrossEntropyLoss()
    for _ in range(steps):
        criterion(layer(features), labels).backward()
        for optimizer in (one, two):
            optimizer.step()
            optimizer.zero_grad()
    return layer
