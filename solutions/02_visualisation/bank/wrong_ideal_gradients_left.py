# question: maximise_class
# misconception: climbing_leaves_gradients
# sentence: The climb leaves its gradients in the model's parameters.
# hint: torch.autograd.grad asks for the image's gradient alone.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            leaf = x.detach().requires_grad_()
            (model(leaf[None])[0, label] - tv_weight * total_variation(leaf)).backward()
            x = (x + lr * leaf.grad).clamp(0, 1)
    return x
