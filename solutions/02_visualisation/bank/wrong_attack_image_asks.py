# question: targeted_attack
# misconception: attacked_image_asks_for_gradients
# sentence: `requires_grad_()` is called on the caller's own image, which asks for gradients from then on.
# hint: Which tensor must ask for gradients, if it is not to be the caller's?

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image.detach() - epsilon).clamp(min=0), (image.detach() + epsilon).clamp(max=1)
    x = image
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
