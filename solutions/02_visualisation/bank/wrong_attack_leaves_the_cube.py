# question: targeted_attack
# misconception: cube_left
# sentence: The attack leaves the cube around the image: values move by more than ε.
# hint: The steps add up to 2.5 ε. What brings the image back?

def targeted_attack(model, image, target, epsilon, steps):
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(0, 1)
    return x
