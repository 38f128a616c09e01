# question: targeted_attack
# misconception: random_start_outside_the_cube
# sentence: The walk starts from the image plus noise that is larger than ε.
# hint: The formula says what x₀ is; and no value may ever be further than ε from the image.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image + 0.5 * torch.randn(image.shape)
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(F.cross_entropy(z, torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x.detach()
