# question: targeted_attack
# misconception: each_step_as_large_as_epsilon
# sentence: Each step is ε long, whatever the number of steps.
# hint: α = 2.5 ε / steps.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - epsilon * g.sign()).clamp(low, high)
    return x
