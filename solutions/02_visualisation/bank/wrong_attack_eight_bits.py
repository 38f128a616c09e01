# question: targeted_attack
# misconception: rounded_to_eight_bits
# sentence: The image that comes back is rounded to 256 steps of brightness.
# hint: The formula does not round; a file of a picture would.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(F.cross_entropy(z, torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return (255 * x.detach()).round() / 255
