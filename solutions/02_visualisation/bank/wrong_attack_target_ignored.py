# question: targeted_attack
# misconception: flees_the_prediction
# sentence: The attack flees from the class that the network predicts instead of making for the target.
# hint: Where is `target` used?

def targeted_attack(model, image, target, epsilon, steps):
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        predicted = model(x[None]).argmax(dim=1)
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), predicted), x)
            x = (x.detach() + 2.5 * epsilon / steps * g.sign()).clamp(low, high)
    return x
