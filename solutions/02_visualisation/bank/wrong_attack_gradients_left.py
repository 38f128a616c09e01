# question: targeted_attack
# misconception: attack_leaves_gradients
# sentence: The attack leaves its gradients in the model's parameters.
# hint: torch.autograd.grad asks for the image's gradient alone.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            leaf = x.clone().requires_grad_()
            F.cross_entropy(model(leaf[None]), torch.tensor([target])).backward()
            x = (x - 2.5 * epsilon / steps * leaf.grad.sign()).clamp(low, high)
    return x
