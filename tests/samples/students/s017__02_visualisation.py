# timestamp: 2026-09-27 20:12:00 +0200
# %% blank predict_gradients
predict_1 = "c"
predict_2 = "c"
predict_3 = "b"


# %% blank filter_grid
def filter_grid(weight, columns):
    filters, channels, height, width = weight.shape
    rows = (filters + columns - 1) // columns
    grid = torch.ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1, dtype=weight.dtype)
    for i in range(filters):
        f = weight[i]
        if f.max() > f.min():
            tile = (f - f.min()) / (f.max() - f.min())
        else:
            tile = torch.full_like(f, 0.5)
        y = (i // columns) * (height + 1)
        x = (i % columns) * (width + 1)
        grid[:, y : y + height, x : x + width] = tile
    return grid


# %% blank saliency_map
def saliency_map(model, image, label):
    x = image.clone().requires_grad_()
    with evaluating(model):
        score = model(x.unsqueeze(0))[0, label]
        gradient = torch.autograd.grad(score, x)[0]
    return gradient.abs().max(dim=0).values


# %% blank repair_sanity_check
def randomised_copy(model, generator):
    result = copy.deepcopy(model)
    for parameter in result.parameters():
        flat = parameter.data.flatten()
        parameter.data = flat[torch.randperm(len(flat), generator=generator)].view(parameter.shape)
    return result


def rank_correlation(a, b):
    r = a.flatten().argsort().argsort().float()
    s = b.flatten().argsort().argsort().float()
    r, s = r - r.mean(), s - s.mean()
    return ((r * s).sum() / (r.norm() * s.norm())).item()


# %% blank total_variation
def total_variation(image):
    down = (image[:, 1:, :] - image[:, :-1, :]).abs().mean()
    right = (image[:, :, 1:] - image[:, :, :-1]).abs().mean()
    return down + right


# %% blank maximise_class
def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x = x.detach().requires_grad_()
            score = model(x.unsqueeze(0))[0, label] - tv_weight * total_variation(x)
            gradient = torch.autograd.grad(score, x)[0]
            x = (x + lr * gradient).clamp(0, 1)
    return x.detach()


# %% blank targeted_attack
def targeted_attack(model, image, target, epsilon, steps):
    alpha = 2.5 * epsilon / steps
    x = image.clone()
    with evaluating(model):
        for _ in range(steps):
            x = x.detach().requires_grad_()
            loss = F.cross_entropy(model(x.unsqueeze(0)), torch.tensor([target]))
            gradient = torch.autograd.grad(loss, x)[0]
            x = x - alpha * gradient.sign()
            x = torch.max(torch.min(x, image + epsilon), image - epsilon).clamp(0, 1)
    return x.detach()


# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_2
quiz_2 = "a"
# %% blank quiz_3
quiz_3 = "d"
# %% blank quiz_4
quiz_4 = "c"
# %% blank quiz_5
quiz_5 = 4.5
# %% [markdown] filters_and_maps
# Row 0, columns 2 and 5 look like horizontal edges, row 1, column 0 like a blue-yellow one, and the first of row 2 is a
# bright spot. Most others I cannot name. The random filters have no direction at all. The maps are brightest on the
# outline of the ring and inside the disc; the correlations with the shuffled network are 0.05 to 0.39. At 0.95 I would
# have had to say that the map shows the picture and not what the network knows about it.
# %% [markdown] ideal_cat
# Without the term the image is all crumbs (TV 0.63), with λ = 100 there are a few soft bands (TV 0.10) and the logit
# falls from 37 to 26. I see slanted edges again and again, as in a triangle, but never one whole triangle. The network
# is more certain of this than of any real image, so its certainty does not mean that it has seen something like it.
