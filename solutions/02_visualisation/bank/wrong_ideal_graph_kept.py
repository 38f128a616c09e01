# question: maximise_class
# misconception: climb_keeps_its_graph
# sentence: The image that comes back still hangs on the graph of all steps.
# hint: Is it a plain image, or does it still ask for gradients?

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator).requires_grad_()
    with evaluating(model):
        for _ in range(steps):
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x + lr * g).clamp(0, 1)
    return x
