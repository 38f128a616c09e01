# timestamp: 2026-09-28 23:31:40 +0200
# dress: colab
# %% after setup
import numpy as np
from torch.func import grad

print("versions:", torch.__version__, np.__version__)


# %% blank predict_gradients
predict_1, predict_2, predict_3 = "c", "d", "b"


# %% blank filter_grid
def one_filter(f):
    f = f.numpy()
    span = f.max() - f.min()
    return (f - f.min()) / span if span > 0 else np.full_like(f, 0.5)


def filter_grid(weight, columns):
    n, c, h, w = weight.shape
    pad = (-n) % columns
    cells = [one_filter(f) for f in weight] + [np.ones((c, h, w), dtype=weight.numpy().dtype)] * pad
    cells = [np.pad(cell, ((0, 0), (0, 1), (0, 1)), constant_values=1) for cell in cells]
    rows = [np.concatenate(cells[i : i + columns], axis=2) for i in range(0, len(cells), columns)]
    return torch.from_numpy(np.concatenate(rows, axis=1)[:, :-1, :-1].copy())


# %% blank saliency_map
def logit(model, label):
    return lambda x: model(x[None])[0, label]


def saliency_map(model, image, label):
    with evaluating(model):
        return grad(logit(model, label))(image).abs().amax(0)


# %% blank repair_sanity_check
def randomised_copy(model, generator):
    twin = copy.deepcopy(model)
    for p in twin.parameters():
        p.data = p.data.view(-1)[torch.rand(p.numel(), generator=generator).argsort()].view_as(p)
    return twin


def rank_correlation(a, b):
    ranks = [np.argsort(np.argsort(m.numpy(), axis=None)) for m in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


# %% blank total_variation
total_variation = lambda x: (x.diff(dim=1).abs().sum() + x.diff(dim=2).abs().sum()) / x.numel()


# %% blank maximise_class
class Climber:
    """A walk uphill, one step at a time."""

    def __init__(self, score, lr):
        self.slope, self.lr = grad(score), lr

    def step(self, x):
        return (x + self.lr * self.slope(x)).clamp(0, 1)


def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    z = logit(model, label)
    climber = Climber(lambda x: z(x) - tv_weight * total_variation(x), lr)
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x = climber.step(x)
    return x.detach()


# %% blank targeted_attack
def targeted_attack(model, image, target, epsilon, steps):
    def loss(x):
        return -F.log_softmax(model(x[None]), dim=1)[0, target]

    x = image
    with evaluating(model):
        for _ in range(steps):
            x = x - 2.5 * epsilon / steps * grad(loss)(x).sign()
            x = image + (x - image).clamp(-epsilon, epsilon)
            x = x.clamp(0, 1)
    return x.detach()


# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_2
quiz_2 = "d"
# %% blank quiz_3
quiz_3 = "d"
# %% blank quiz_5
quiz_5 = 4.5
# %% blank quiz_4
quiz_4 = "a"
