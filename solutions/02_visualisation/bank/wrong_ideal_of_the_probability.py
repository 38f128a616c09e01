# question: maximise_class
# misconception: probability_climbed
# sentence: The walk climbs the probability instead of the logit, and stops moving once the network is certain.
# hint: The probability also grows when other classes shrink. The formula has the logit.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None]).softmax(1)[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
