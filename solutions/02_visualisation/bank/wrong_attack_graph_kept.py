# question: targeted_attack
# misconception: attack_keeps_its_graph
# sentence: The image that comes back still hangs on the graph of all steps.
# hint: Is it a plain image, or does it still ask for gradients?

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        for _ in range(steps):
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([target])), x)
            x = (x - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
