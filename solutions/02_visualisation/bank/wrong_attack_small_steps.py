# question: targeted_attack
# misconception: factor_of_the_step_missing
# sentence: The factor 2.5 is missing: each step is ε / steps long.
# hint: With α = ε / steps the walk can never turn round and still reach a corner.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - epsilon / steps * g.sign()).clamp(low, high)
    return x
