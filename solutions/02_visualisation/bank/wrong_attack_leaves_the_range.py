# question: targeted_attack
# misconception: range_left
# sentence: The attack leaves the range from 0 to 1.
# hint: A pixel of 0.02 may not become −0.08.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = image - epsilon, image + epsilon
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
