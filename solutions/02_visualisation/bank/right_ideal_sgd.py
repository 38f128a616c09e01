# question: maximise_class
# note: torch.optim.SGD with maximize=True on the image, clamped in place under no_grad; gradients of the model cleared

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    image = torch.rand(*size, generator=generator).requires_grad_()
    climber = torch.optim.SGD([image], lr=lr, maximize=True)
    with evaluating(model):
        for step in range(steps):
            climber.zero_grad()
            objective = model(image.unsqueeze(0))[0][label] - tv_weight * total_variation(image)
            objective.backward()
            climber.step()
            with torch.no_grad():
                image.clamp_(0.0, 1.0)
    model.zero_grad()
    return image.detach()
