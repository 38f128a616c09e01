# question: targeted_attack
# misconception: cube_around_the_last_step
# sentence: The cube is put around the last step instead of the original image, and walks along.
# hint: Its borders do not change from step to step.

def targeted_attack(model, image, target, epsilon, steps):
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = x.detach()
            x = (x - 2.5 * epsilon / steps * g.sign()).clamp(x - epsilon, x + epsilon).clamp(0, 1)
    return x
