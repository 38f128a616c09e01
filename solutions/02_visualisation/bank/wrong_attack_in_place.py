# question: targeted_attack
# misconception: image_attacked_in_place
# sentence: The caller's own image is changed.
# hint: detach() shares memory with the original; clone() does not.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach()
    with evaluating(model):
        for _ in range(steps):
            leaf = x.clone().requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(leaf[None]), torch.tensor([target])), leaf)
            x -= 2.5 * epsilon / steps * g.sign()
            x.copy_(x.clamp(low, high))
    return x.clone()
