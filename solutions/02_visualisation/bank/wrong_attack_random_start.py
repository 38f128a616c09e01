# question: targeted_attack
# misconception: random_start
# sentence: The walk starts at a random point of the cube, as in other attacks, not at the image itself.
# hint: The formula says what x₀ is.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = (image + epsilon * (2 * torch.rand(image.shape) - 1)).clamp(low, high)
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(F.cross_entropy(z, torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x.detach()
