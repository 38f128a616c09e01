# question: targeted_attack
# misconception: gradient_of_the_start_only
# sentence: The gradient is taken once, at the image, and used for every step.
# hint: The formula has the gradient at x_t.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
    x = x.detach()
    for _ in range(steps):
        x = (x - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
