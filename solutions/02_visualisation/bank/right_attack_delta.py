# question: targeted_attack
# note: keeps the difference to the image instead of the image, and climbs the target's log-probability

def targeted_attack(model, image, target, epsilon, steps):
    delta = torch.zeros_like(image)
    with evaluating(model):
        for _ in range(steps):
            delta.requires_grad_(True)
            log_p = F.log_softmax(model((image + delta).unsqueeze(0)), dim=1)[0, target]
            g = torch.autograd.grad(log_p, delta)[0]
            delta = (delta.detach() + 2.5 * epsilon / steps * torch.sign(g)).clamp(-epsilon, epsilon)
            delta = (image + delta).clamp(0, 1) - image
    return (image + delta).clamp(0, 1)
