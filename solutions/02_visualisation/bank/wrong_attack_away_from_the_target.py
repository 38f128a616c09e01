# question: targeted_attack
# misconception: attack_away_from_the_target
# sentence: The attack walks up the loss, away from the target.
# hint: An untargeted attack raises the loss of the true class; here the target's loss is to fall.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x.detach() + 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
