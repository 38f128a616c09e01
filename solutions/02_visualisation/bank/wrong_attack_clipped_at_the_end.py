# question: targeted_attack
# misconception: projected_only_at_the_end
# sentence: The image is brought back into the cube once at the end instead of after every step.
# hint: Both clips stand inside the formula of one step.

def targeted_attack(model, image, target, epsilon, steps):
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = x.detach() - 2.5 * epsilon / steps * g.sign()
    return x.clamp(image - epsilon, image + epsilon).clamp(0, 1)
