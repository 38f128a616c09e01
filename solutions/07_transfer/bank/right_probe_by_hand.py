# question: train_linear_probe
# note: gradients written out in float64, no autograd

def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    X, Y = features.double(), torch.eye(classes, dtype=torch.float64)[labels]
    W = torch.zeros(classes, X.size(1), dtype=torch.float64)
    b = torch.zeros(classes, dtype=torch.float64)
    for _ in range(steps):
        error = torch.softmax(X @ W.t() + b, dim=1) - Y
        W, b = W - lr * (torch.einsum("nc,nd->cd", error, X) / len(X) + weight_decay * W), b - lr * error.mean(0)
    probe = nn.Linear(X.size(1), classes)
    with torch.no_grad():
        probe.weight.copy_(W)
        probe.bias.copy_(b)
    return probe
