# question: targeted_attack
# misconception: target_logit_instead_of_cross_entropy
# sentence: The attack raises the target's logit instead of lowering the cross-entropy, and does not push the others down.
# hint: A class wins by its lead over the others.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(-model(x[None])[0, target], x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
