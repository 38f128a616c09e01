# question: targeted_attack
# misconception: steps_get_shorter
# sentence: The steps get shorter on the way; the formula has one α for all.
# hint: α = 2.5 ε / steps: does t occur in it?

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(F.cross_entropy(z, torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * (1 - t / steps) * g.sign()).clamp(low, high)
    return x.detach()
