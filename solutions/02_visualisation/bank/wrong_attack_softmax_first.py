# question: targeted_attack
# misconception: softmax_before_the_cross_entropy
# sentence: The cross-entropy gets probabilities, though it takes a softmax of its own.
# hint: `F.cross_entropy` wants logits.

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for t in range(steps):
            x = x.detach().requires_grad_()
            z = model(x[None])
            (g,) = torch.autograd.grad(F.cross_entropy(z.softmax(dim=1), torch.tensor([target])), x)
            x = (x.detach() - 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x.detach()
