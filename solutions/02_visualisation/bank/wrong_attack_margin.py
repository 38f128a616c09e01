# question: targeted_attack
# misconception: margin_for_cross_entropy
# sentence: The loss is the margin of the best other class over the target, not the cross-entropy.
# hint: L(x, target) in the formula is minus the logarithm of the target's probability.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(torch.cat([z[0, :target], z[0, target + 1 :]]).max() - z[0, target], x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x.detach()
