# question: targeted_attack
# misconception: sign_missing
# sentence: Steps go along the gradient itself instead of its sign.
# hint: Every value moves by the same α.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g).clamp(low, high)
    return x
