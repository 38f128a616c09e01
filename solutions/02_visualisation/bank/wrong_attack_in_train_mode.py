# question: targeted_attack
# misconception: attacks_in_train_mode
# sentence: The network is attacked in whatever mode it comes in.
# hint: Use `evaluating`, as in part 3.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    for _ in range(steps):
        x.requires_grad_()
        (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
        x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
