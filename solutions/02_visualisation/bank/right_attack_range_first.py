# question: targeted_attack
# note: nn.CrossEntropyLoss and backward on a detached leaf; range first, then the cube (the image is in range, so both orders agree)

criterion = nn.CrossEntropyLoss()

def project(x, image, epsilon):
    x = torch.clamp(x, 0.0, 1.0)
    return torch.min(torch.max(x, image - epsilon), image + epsilon)

def targeted_attack(model, image, target, epsilon, steps, size=2.5):
    before = [(p, p.requires_grad) for p in model.parameters()]
    for p, _ in before:
        p.requires_grad_(False)
    x = image.clone()
    with evaluating(model):
        for _ in range(steps):
            leaf = x.detach().clone().requires_grad_()
            criterion(model(leaf.unsqueeze(0)), torch.as_tensor([target])).backward()
            x = project(x - size * epsilon / steps * leaf.grad.sign(), image, epsilon)
    for p, wanted in before:
        p.requires_grad_(wanted)
    return x
