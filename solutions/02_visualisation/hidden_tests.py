"""Hidden tests of 02_visualisation.

Networks are small and smooth (Softplus, Tanh), so that gradients have no kinks where a rounding error would decide.
`maximise_class` stands on `total_variation`: its tests put a stand-in in the place of that (probes.py), so that a
mistake is paid for once.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import Mismatch, close, close_to_any, gradient, public_twin, question, unchanged
from reference_models.graded_predictions import stands_as_locked
from reference_models.personal import own_attack

INPUTS = {
    "filter_grid": {"weight": "one, odd, even, oblong, duplicates, extreme, view", "columns": "one, odd, even"},
    "saliency_map": {"image": "one, odd, even, oblong, view", "label": "one, odd, even, extreme"},
    "repair_sanity_check": {"a": "one, odd, even, oblong, view", "b": "one, odd, even, oblong, view"},
    "total_variation": {"image": "one, odd, even, oblong, duplicates, view"},
    "maximise_class": {"label": "one, odd, even, extreme", "steps": "odd, even, extreme", "tv_weight": "extreme"},
    "targeted_attack": {"image": "one, odd, even, oblong, extreme, view", "steps": "one, odd, even"},
}

# -- filter_grid -----------------------------------------------------------------------------

PLACES = public_twin("filter_grid", torch.arange(18.0).reshape(3, 1, 2, 3) % 6, 2, drawn_as="image")
SCALES = public_twin(
    "filter_grid", torch.tensor([[[[-1.0, 1.0]], [[0.0, 3.0]]], [[[10.0, 30.0]], [[20.0, 20.0]]]]), 2, drawn_as="image"
)
CONSTANT = public_twin(
    "filter_grid", torch.tensor([[[[0.0, 0.0]]], [[[7.0, 7.0]]], [[[1.0, 2.0]]]]), 3, drawn_as="image"
)


def tiles(weight: torch.Tensor, columns: int) -> torch.Tensor:
    """The picture, filter by filter in plain loops."""
    filters, channels, height, width = weight.shape
    rows = (filters + columns - 1) // columns
    picture = torch.ones(channels, rows * height + rows - 1, columns * width + columns - 1, dtype=weight.dtype)
    for f in range(filters):
        low, high = float(weight[f].min()), float(weight[f].max())
        tile = (weight[f] - low) / (high - low) if high > low else torch.full_like(weight[f], 0.5)
        top, left = (f // columns) * (height + 1), (f % columns) * (width + 1)
        picture[:, top : top + height, left : left + width] = tile
    return picture


@question("filter_grid", twin=PLACES)
def test_places_of_the_filters(student, rng):
    """Filters stand row by row, one white pixel between neighbours, white where no filter is left for the last row."""
    for shape, columns in (
        ((7, 3, 2, 4), 3), ((2, 1, 3, 1), 5), ((4, 2, 2, 2), 1), ((1, 2, 3, 3), 4), ((5, 1, 1, 2), 2), ((1, 1, 1, 1), 1)
    ):  # fmt: skip
        weight = rng.uniform(*shape)
        weight[:, 0, 0, 0], weight[:, -1, -1, -1] = 0.0, 1.0  # each filter is on its scale already
        close(student.filter_grid(weight, columns), tiles(weight, columns))


@question("filter_grid", twin=SCALES)
def test_each_filter_on_its_own_scale(student, rng):
    """Each filter goes from 0 to 1 by itself, over all of its channels and positions together."""
    weight = rng.normal(6, 3, 4, 3) * rng.uniform(6, 1, 1, 1, low=0.01, high=9.0) + rng.normal(6, 1, 1, 1, std=3.0)
    close(student.filter_grid(weight, 3), tiles(weight, 3), atol=1e-4)


@question("filter_grid", twin=CONSTANT)
def test_constant_filters_are_grey(student, rng):
    """A filter whose weights are all equal becomes 0.5, not NaN, and its neighbours are not affected."""
    weight = rng.normal(5, 3, 2, 3)
    weight[1], weight[3] = rng.number(-2, 2), 0.0
    close(student.filter_grid(weight, 5), tiles(weight, 5))


@question("filter_grid", twin=SCALES)
def test_the_weights_stay_as_they_are(student, rng):
    """The weights are not scaled in place, also non-contiguous ones in float64, and a second call agrees."""
    weight = rng.normal(3, 2, 3, 4, dtype=torch.float64).permute(3, 1, 2, 0)
    with unchanged(weight):
        first = student.filter_grid(weight, 2)
    close(first, tiles(weight, 2))
    close(student.filter_grid(weight, 2), first)


# -- networks for what follows ---------------------------------------------------------------

CLASSES = 4


def smooth_net(rng: Any, channels: int = 3) -> nn.Sequential:
    """Images `(N, channels, H, W)` of any size -> logits `(N, 4)`; with layers that differ by mode."""
    net = nn.Sequential(
        nn.Conv2d(channels, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.Softplus(),
        nn.Dropout(0.5),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(24, CLASSES),
    )
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(rng.uniform(*tensor.shape, low=0.3, high=2.0))
        elif tensor.is_floating_point():
            tensor.copy_(rng.normal(*tensor.shape))
    return net.eval()


def half_frozen(net: nn.Sequential) -> nn.Sequential:
    """In train mode, but for its batch norm."""
    net.train()[1].eval()
    return net


def public_net() -> nn.Sequential:
    """A linear network on images `(2, 1, 3)`, written out: two classes."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(6, 2, bias=False))
    with torch.no_grad():
        net[1].weight[:] = torch.tensor([[1.0, 0.0, 0.0, 0.0, -2.0, 0.0], [0.5, -1.0, 2.0, 3.0, 0.0, -4.0]])
    return net.eval()


PUBLIC_LOGITS = (
    "logits of the network: [red_0 − 2·green_1, 0.5·red_0 − red_1 + 2·red_2 + 3·green_0 − 4·green_2] "
    "on images of 2 channels (red, green) and 1×3 pixels"
)
PUBLIC_IMAGE = torch.tensor([[[0.5, 0.2, 0.95]], [[0.02, 0.6, 0.4]]])


def blind_net() -> nn.Sequential:
    """The linear network, but it looks at red alone."""
    net = public_net()
    with torch.no_grad():
        net[1].weight[:, 3:] = 0
    return net


BLIND = "logits of the network: [red_0, 0.5·red_0 − red_1 + 2·red_2]; it does not look at green"


def normed_net() -> nn.Sequential:
    """A batch norm with public statistics, then the linear network; in train mode."""
    net = nn.Sequential(nn.BatchNorm2d(2), *public_net())
    net[0].running_mean[:] = torch.tensor([0.5, -0.5])
    net[0].running_var[:] = torch.tensor([4.0, 0.25])
    return net.train()


NORMED = "before it a batch norm with running variances 4 and 0.25, in train mode when the function gets it"

# -- saliency_map ----------------------------------------------------------------------------

SALIENCY = public_twin(
    run=lambda f, remote: f.saliency_map(remote.copy(public_net()), PUBLIC_IMAGE, 1),
    describes=f"saliency_map(network, image, 1); {PUBLIC_LOGITS}",
    drawn_as="map",
)


def saliency_in_train_mode(f: Any, remote: Any) -> list[Any]:
    """A public example: the map, and batch norm's running mean afterwards."""
    model = remote.copy(normed_net())
    found = f.saliency_map(model, PUBLIC_IMAGE, 1)
    return [found, model.state_dict()["0.running_mean"]]


SALIENCY_MODE = public_twin(
    run=saliency_in_train_mode,
    describes=f"saliency_map(network, image, 1), and the running mean after it; {NORMED}",
    drawn_as="map",
)


def saliency_twice(f: Any, remote: Any) -> list[Any]:
    """A public example: the same image asked about twice."""
    model, image = remote.copy(public_net()), remote.value(PUBLIC_IMAGE)
    return [f.saliency_map(model, image, label) for label in (1, 1)]


SALIENCY_TWICE = public_twin(
    run=saliency_twice,
    describes=f"saliency_map(network, image, 1) twice, with the same tensors; {PUBLIC_LOGITS}",
    drawn_as="map",
)


def image_after(f: Any, remote: Any, call: Callable[..., Any]) -> bool:
    """A public example: whether the image asks for gradients after the call."""
    image = remote.value(PUBLIC_IMAGE)
    call(f, remote.copy(public_net()), image)
    return asks_for_gradients(remote, image)


SALIENCY_ASKS = public_twin(
    run=lambda f, remote: image_after(f, remote, lambda f, net, image: f.saliency_map(net, image, 1)),
    describes="whether the image asks for gradients after saliency_map(network, image, 1)",
)


def saliency(net: nn.Module, image: torch.Tensor, label: int) -> torch.Tensor:
    leaf = image.clone().requires_grad_()
    copy.deepcopy(net).eval()(leaf[None])[0, label].backward()
    return leaf.grad.abs().max(dim=0).values


@question("saliency_map", twin=SALIENCY, weight=2)
def test_saliency(student, remote, rng):
    """Each pixel has the largest absolute derivative of the class's logit over the channels, for images of any size."""
    for channels, height, width, label in ((3, 5, 8, 2), (2, 6, 4, 0), (1, 5, 5, 1), (3, 1, 6, 3), (2, 4, 1, 0)):
        net, image = smooth_net(rng, channels), rng.image(channels, height, width)
        expected = saliency(net, image, label)
        found = student.saliency_map(remote.copy(net), image, label)
        close(found, expected, shape=(height, width), atol=1e-6)


@question("saliency_map", twin=SALIENCY_MODE)
def test_saliency_is_measured_in_eval_mode(student, remote, rng):
    """The network is measured in eval mode, whatever mode it comes in, and its running statistics do not move."""
    net, image = half_frozen(smooth_net(rng)), rng.image(3, 6, 5)
    net[1].train()
    expected = saliency(net, image, 1)
    close(student.saliency_map(remote.copy(net), image, 1), expected, atol=1e-6)


@question("saliency_map", twin=SALIENCY_ASKS, forbids=True)
def test_saliency_leaves_the_image_alone(student, remote, rng):
    """The caller's image has the values that it had, and asks for no gradients afterwards."""
    image = rng.image(3, 5, 6)
    kept = remote.value(image)
    found = student.saliency_map(remote.copy(smooth_net(rng)), kept, 2)
    close(found, torch.zeros(5, 6), atol=float("inf"))  # a map: it ran
    refuse_traces(remote, kept, image)


def refuse_traces(remote: Any, kept: Any, image: torch.Tensor) -> None:
    """Raise Mismatch if the tensor that the function was handed has changed, or asks for gradients."""
    if asks_for_gradients(remote, kept):
        raise Mismatch(
            "Afterwards the caller's image asks for gradients: call `requires_grad_()` on a copy of it.",
        )
    close(remote.read(kept), image, rtol=0, atol=0)


def asks_for_gradients(remote: Any, thing: Any) -> bool:
    """Whether a tensor of the test's, here or in the student process, asks for gradients or has any."""
    if isinstance(thing, torch.Tensor):
        return thing.requires_grad or thing.grad is not None
    return remote.probe().asks_for_gradients(thing) is not False


@question("saliency_map", twin=SALIENCY_MODE, forbids=True)
def test_saliency_leaves_the_model_alone(student, remote, rng):
    """Afterwards each part is in the mode it was in, and no gradient is left in a parameter."""
    net, image = half_frozen(smooth_net(rng)), rng.image(3, 5, 6)
    model = remote.copy(net)
    with unchanged(model, image):
        found = student.saliency_map(model, image, 3)
    close(found, torch.zeros(5, 6), atol=float("inf"))  # a map: it ran


@question("saliency_map", twin=SALIENCY_TWICE)
def test_saliency_of_the_same_image_twice(student, remote, rng):
    """The caller's tensor, here a view, can be used again: the second map is the first, another class has its own."""
    net, image = smooth_net(rng), rng.image(7, 4, 3).permute(2, 1, 0)
    model, kept = remote.copy(net), remote.value(image)
    for label in (1, 1, 2):
        expected = saliency(net, image, label)
        close(student.saliency_map(model, kept, label), expected, atol=1e-6)


# -- repair_sanity_check ---------------------------------------------------------------------


def public_shuffle(f: Any, remote: Any) -> list[Any]:
    """A public example: how many parameters moved, and whether their entries are the same."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16))
    nn.init.normal_(net[1].weight)
    nn.init.normal_(net[1].bias)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    model = remote.copy(net)
    twin = f.randomised_copy(model, remote.generator(1)).state_dict()
    moved = [[not torch.equal(now[name], before[name]) for name in before] for now in (twin, model.state_dict())]
    same = [torch.equal(twin[name].flatten().sort().values, before[name].flatten().sort().values) for name in before]
    return [*map(sum, moved), all(same)]


SHUFFLED = public_twin(
    run=public_shuffle,
    describes="randomised_copy of nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16)): how many of its "
    "tensors moved in the copy, how many in the model, and whether the copy's have the same entries in another order",
)


def shuffling_net(rng: Any) -> nn.Sequential:
    """No parameter so small that it might keep its order by chance (16! orders)."""
    net = nn.Sequential(nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.Tanh(), nn.Flatten(), nn.Linear(32, 16))
    for tensor in net.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(rng.uniform(*tensor.shape, low=0.1, high=2.0))
    return net.eval()


# Four mistakes are to be found. Each has a test that the three others pass, so that each one found earns its share.


@question("repair_sanity_check", twin=SHUFFLED, weight=2)
def test_every_parameter_is_shuffled(student, remote, rng):
    """The copy has the same entries in every parameter, each in another order, and the same running statistics."""
    net = shuffling_net(rng)
    twin = student.randomised_copy(remote.copy(net), remote.generator(rng.seed()))
    found = twin.state_dict()
    parameters = {name for name, _ in net.named_parameters()}
    for name, tensor in net.state_dict().items():
        if name not in parameters:
            close(found.get(name), tensor)
            continue
        close(found.get(name), tensor, atol=float("inf"))  # a tensor of this shape
        if torch.equal(found[name], tensor):
            raise Mismatch("A parameter of the copy is still in its old order.", name)
        close(found[name].flatten().sort().values, tensor.flatten().sort().values, rtol=0, atol=0)
        sums = [t.double().flatten(min(1, t.ndim - 1)).sum(-1).sort().values for t in (found[name], tensor)]
        if tensor.ndim > 1 and torch.allclose(*sums):
            raise Mismatch("Whole rows of a weight keep together: shuffle its entries.", name)
    net.load_state_dict(found)
    image = rng.normal(2, 1, 3, 4)
    with torch.no_grad():
        close(twin(image), net(image))


@question("repair_sanity_check", twin=SHUFFLED, weight=2)
def test_the_model_is_not_shuffled(student, remote, rng):
    """The model that was to be copied keeps its weights, while the copy's biases are in another order."""
    net = shuffling_net(rng)
    model = remote.copy(net)
    with unchanged(model):
        twin = student.randomised_copy(model, remote.generator(rng.seed()))
    found = twin.state_dict()
    if set(found) != set(net.state_dict()):
        raise Mismatch("The copy should be a network of the same kind.")
    if torch.equal(found["4.bias"], net.state_dict()["4.bias"]):
        raise Mismatch("The copy's biases are still in their old order.")
    image = rng.normal(2, 1, 3, 4)
    with torch.no_grad():
        close(model(image), net(image))


@question("repair_sanity_check", twin=SHUFFLED)
def test_shuffling_comes_from_the_generator(student, remote, rng):
    """Equal generators give equal copies; another seed, or the same generator once more, gives another one."""
    net, seed = shuffling_net(rng), rng.seed()
    generator = remote.generator(seed)
    first = student.randomised_copy(remote.copy(net), generator).state_dict()
    again = student.randomised_copy(remote.copy(net), remote.generator(seed)).state_dict()
    close(again, first, rtol=0, atol=0)
    for other in (remote.generator(seed + 1), generator):
        found = student.randomised_copy(remote.copy(net), other).state_dict()
        if any(torch.equal(found[name], first[name]) for name in ("0.bias", "1.weight", "1.bias", "4.bias")):
            raise Mismatch("A parameter is shuffled alike by generators in different states: is all chance theirs?")


RANKS = public_twin(
    "rank_correlation",
    torch.tensor([[3.0, 1.0, 2.0], [8.0, 5.0, 0.0]]),
    torch.tensor([[1.0, 5.0, 9.0], [2.0, 0.0, 3.0]]),
)
REVERSED = public_twin(
    "rank_correlation", torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[-1.0, -20.0], [-21.0, -30.0]])
)


def spearman(a: torch.Tensor, b: torch.Tensor) -> float:
    """By the textbook's formula for distinct values, 1 − 6 Σ d² / (n (n² − 1)), ranks found by counting."""
    ranks = [(v.flatten()[:, None] > v.flatten()[None, :]).sum(dim=1) for v in (a, b)]
    n = a.numel()
    return 1 - 6 * float((ranks[0] - ranks[1]).pow(2).sum()) / (n * (n**2 - 1))


def distinct(rng: Any, *shape: int) -> torch.Tensor:
    """A map without two equal values."""
    count = torch.Size(shape).numel()
    return ((rng.permutation(count) + rng.uniform(count, high=0.5)) * 0.1).reshape(shape)


def map_of_ranks(ranks: torch.Tensor, rng: Any) -> torch.Tensor:
    """A map of four rows whose pixels have these ranks."""
    return (ranks + rng.uniform(len(ranks), high=0.5)).mul(0.1).reshape(4, -1)


def swapped_ranks(rng: Any, n: int, swaps: int) -> torch.Tensor:
    """Ranks 0 to n − 1 of which so many pairs have changed places: where pixel i has rank j, pixel j has rank i."""
    ranks, drawn = torch.arange(n), rng.permutation(n)
    left, right = drawn[:swaps], drawn[swaps : 2 * swaps]
    ranks[left], ranks[right] = right, left
    return ranks


@question("repair_sanity_check", twin=REVERSED, weight=2)
def test_ranks_are_centred(student, rng):
    """The mean of the ranks is subtracted: reversed maps have −1, and maps that know nothing of each other about 0."""
    for n, swaps in ((20, 9), (24, 4), (12, 6)):
        a, b = (map_of_ranks(swapped_ranks(rng, n, swaps), rng) for _ in range(2))
        close(student.rank_correlation(a, b), spearman(a, b), atol=1e-5)
        close(student.rank_correlation(a, 3 - a), -1.0, atol=1e-5)


@question("repair_sanity_check", twin=RANKS, weight=2)
def test_ranks_of_the_pixels(student, rng):
    """Of several maps the one that resembles a map most by its pixels' ranks has the largest correlation, and so on."""
    n = 40
    own = rng.permutation(n)
    a = map_of_ranks(own, rng)
    likes = torch.tensor([2.0, 1.2, 0.7, 0.2, -0.4, -1.0, -2.5])[rng.permutation(7)]
    maps = [
        map_of_ranks((like * own + n * rng.uniform(n, low=-0.3, high=0.3)).argsort().argsort(), rng) for like in likes
    ]
    found = [student.rank_correlation(a, b) for b in maps]
    for number in found:
        close(number, 0.0, atol=float("inf"))  # a number
    by_rank = sorted(range(7), key=lambda i: spearman(a, maps[i]))
    if sorted(range(7), key=lambda i: float(found[i])) != by_rank or len({round(float(f), 6) for f in found}) < 7:
        raise Mismatch("Maps that resemble each other less have the larger correlation: are these the pixels' ranks?")


@question("repair_sanity_check", twin=RANKS)
def test_rank_correlation(student, rng):
    """The correlation of the ranks of the pixels, each map's ranks taken from its own pixels."""
    for shape in ((3, 4), (7, 5), (1, 6)):
        a, b = distinct(rng, *shape), distinct(rng, *shape)
        mixed = (a + 0.7 * b).flatten().argsort().argsort().reshape(shape).float()  # related to both
        with unchanged(a, b):
            close(student.rank_correlation(a, b), spearman(a, b), atol=1e-5)
        close(student.rank_correlation(mixed, a), spearman(mixed, a), atol=1e-5)
    close(student.rank_correlation(a, a.exp()), 1.0, atol=1e-5)
    b = distinct(rng, 5, 4).T
    close(student.rank_correlation(b.exp(), b**3), 1.0, atol=1e-5)


# -- total_variation -------------------------------------------------------------------------

ROUGH = public_twin(
    "total_variation", torch.tensor([[[0.0, 1.0, 1.5], [2.0, 4.0, 0.0]], [[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]])
)
THIN = public_twin("total_variation", torch.tensor([[[0.0, 3.0, 1.0]]]))


def variation(image: torch.Tensor) -> torch.Tensor:
    return (image.diff(dim=1).abs().sum() + image.diff(dim=2).abs().sum()) / image.numel()


@question("total_variation", twin=ROUGH, weight=2)
def test_variation(student, rng):
    """Absolute differences downwards and sideways are added up and divided by the number of values."""
    for shape in ((3, 5, 8), (1, 7, 4), (4, 2, 3)):
        image = rng.normal(*shape)
        with unchanged(image):
            close(student.total_variation(image), variation(image), dtype="any-float")


@question("total_variation", twin=THIN)
def test_variation_at_the_borders(student, rng):
    """Nothing wraps around, and images of one row, one column or one pixel give a number."""
    for shape in ((2, 1, 6), (3, 5, 1), (2, 1, 1)):
        image = rng.normal(*shape)
        close(student.total_variation(image), variation(image), dtype="any-float")
    ramp = torch.arange(7.0).expand(2, 4, 7) + rng.number(0, 3)
    close(student.total_variation(ramp), 6 / 7, dtype="any-float")


@question("total_variation", twin=ROUGH)
def test_variation_has_its_gradient(student, rng):
    """The image gets its gradient, also a non-contiguous one in float64."""
    image = rng.normal(5, 3, 4, dtype=torch.float64).permute(1, 2, 0)
    leaf = image.clone().requires_grad_()
    variation(leaf).backward()
    close(gradient(student.total_variation, image, wrt=0), leaf.grad)


# -- maximise_class --------------------------------------------------------------------------

Roughness = Callable[[torch.Tensor], torch.Tensor]


def stand_in(image: torch.Tensor) -> torch.Tensor:
    """As in probes.py."""
    return (image - 0.5).pow(2).mean()


ROUGHNESSES: tuple[Roughness, ...] = (stand_in, variation)  # the notebook's own, and one written out again


def climb(net: nn.Module, label: int, start: torch.Tensor, plan: tuple[int, float, float], rough: Roughness) -> Any:
    """The image after `steps` steps; `plan` is (steps, lr, tv_weight)."""
    steps, lr, weight = plan
    net, x = copy.deepcopy(net).eval(), start
    for _ in range(steps):
        leaf = x.clone().requires_grad_()
        (net(leaf[None])[0, label] - weight * rough(leaf)).backward()
        x = (x + lr * leaf.grad).clamp(0, 1)
    return x


def close_to_either(found: Any, expected: Callable[[Roughness], torch.Tensor]) -> None:
    """Compare with what the stand-in leads to, or else with what total variation, written out once more, leads to."""
    close_to_any(found, *(functools.partial(expected, rough) for rough in ROUGHNESSES))


def refuse_graph(probe: Any, function: str, *arguments: Any) -> None:
    """Raise Mismatch if the function's answer still asks for gradients."""
    if probe.without_graph(function, *arguments) is not True:
        raise Mismatch("The image that comes back still hangs on its graph: detach it.")


def ideal_twin(steps: int, lr: float, weight: float, text: str = PUBLIC_LOGITS) -> Any:
    return public_twin(
        run=lambda f, remote: f.maximise_class(
            remote.copy(public_net() if text is PUBLIC_LOGITS else normed_net()),
            1, (2, 1, 3), steps, lr, weight, remote.generator(0),
        ),
        describes=f"maximise_class(network, 1, (2, 1, 3), {steps}, {lr}, {weight}, generator of seed 0); {text}",
        drawn_as="image",
    )  # fmt: skip


def start_of(seed: int, *size: int) -> torch.Tensor:
    return torch.rand(size, generator=torch.Generator().manual_seed(seed))


@question("maximise_class", twin=ideal_twin(3, 0.05, 1.5), weight=2)
def test_climbing(student, remote, rng):
    """Each step adds lr times the gradient of the logit minus tv_weight times the roughness; all steps are taken."""
    remote.probe().use_stand_in()
    for size, label, plan in (((3, 4, 6), 1, (4, 0.02, 3.0)), ((1, 6, 5), 3, (3, 0.03, 0.0))):
        net, seed = smooth_net(rng, size[0]), rng.seed()
        found = student.maximise_class(remote.copy(net), label, size, *plan, remote.generator(seed))
        close_to_either(found, functools.partial(climb, net, label, start_of(seed, *size), plan))
    net, seed, label, plan = falling_climb(rng)
    found = student.maximise_class(remote.copy(net), label, (3, 5, 5), *plan, remote.generator(seed))
    close_to_either(found, functools.partial(climb, net, label, start_of(seed, 3, 5, 5), plan))


def falling_climb(rng: Any) -> tuple[nn.Module, int, int, tuple[int, float, float]]:
    """A network, a seed, a class and a plan by which roughness rules: the class's logit falls while the score rises."""
    plan = (3, 0.05, 400.0)
    while True:
        net, seed = smooth_net(rng), rng.seed()
        start = start_of(seed, 3, 5, 5)
        for label in range(CLASSES):
            before, after = net(torch.stack([start, climb(net, label, start, plan, stand_in)])).detach()[:, label]
            if float(after - before) < -0.01:
                return net, seed, label, plan


@question("maximise_class", twin=ideal_twin(4, 0.3, 0.0))
def test_every_step_stays_in_range(student, remote, rng):
    """Values are clipped to [0, 1] after every step, so that the next gradient is taken at an image."""
    remote.probe().use_stand_in()
    net, seed, plan = smooth_net(rng), rng.seed(), (3, 0.5, 0.0)
    found = student.maximise_class(remote.copy(net), 2, (3, 5, 4), *plan, remote.generator(seed))
    close_to_either(found, lambda rough: climb(net, 2, start_of(seed, 3, 5, 4), plan, rough))


@question("maximise_class", twin=ideal_twin(0, 0.1, 0.0))
def test_start_comes_from_the_generator(student, remote, rng):
    """Without a step the answer is the noise of the generator; a generator used once more gives other noise."""
    remote.probe().use_stand_in()
    model, seed = remote.copy(smooth_net(rng)), rng.seed()
    generator, ours = remote.generator(seed), torch.Generator().manual_seed(seed)
    for _ in range(2):
        found = student.maximise_class(model, 0, (3, 3, 5), 0, 0.1, 1.0, generator)
        close(found, torch.rand((3, 3, 5), generator=ours))


@question("maximise_class", twin=ideal_twin(2, 0.05, 0.0, NORMED))
def test_climbing_leaves_the_model_alone(student, remote, rng):
    """The network is used in eval mode and left as it was, without gradients; the image it gives has no graph."""
    probe = remote.probe()
    probe.use_stand_in()
    net, seed, plan = half_frozen(smooth_net(rng)), rng.seed(), (2, 0.02, 1.0)
    model = remote.copy(net)
    with unchanged(model):
        found = student.maximise_class(model, 1, (3, 4, 5), *plan, remote.generator(seed))
    close_to_either(found, lambda rough: climb(net, 1, start_of(seed, 3, 4, 5), plan, rough))
    refuse_graph(probe, "maximise_class", model, 1, (3, 4, 5), *plan, remote.generator(seed))


# -- targeted_attack -------------------------------------------------------------------------


PUBLIC_NETS = {PUBLIC_LOGITS: public_net, NORMED: normed_net, BLIND: blind_net}


def attack_twin(epsilon: float, steps: int, text: str = PUBLIC_LOGITS) -> Any:
    return public_twin(
        run=lambda f, remote: f.targeted_attack(remote.copy(PUBLIC_NETS[text]()), PUBLIC_IMAGE, 1, epsilon, steps),
        describes=f"targeted_attack(network, {PUBLIC_IMAGE.tolist()}, 1, {epsilon}, {steps}); {text}",
        drawn_as="image",
    )


ATTACK_ASKS = public_twin(
    run=lambda f, remote: image_after(f, remote, lambda f, net, image: f.targeted_attack(net, image, 1, 0.1, 2)),
    describes="whether the image asks for gradients after targeted_attack(network, image, 1, 0.1, 2)",
)


class Attack:
    """A network, an image and a target for which no gradient on the way is so small that rounding decides its sign."""

    LEAST = 1e-4  # of a gradient's largest value

    def __init__(
        self, rng: Any, shape: tuple[int, int, int], epsilon: float, steps: int, *, view: bool = False
    ) -> None:
        while True:
            self.net, self.target = smooth_net(rng, shape[0]), rng.integer(0, CLASSES)
            self.image = rng.image(*reversed(shape)).permute(2, 1, 0) if view else rng.image(*shape)
            self.net[6].weight.data *= 0.2  # several classes are likely: the gradients of all of them count
            self.expected, least = self.walk(epsilon, steps)
            if least > self.LEAST:
                break

    def walk(self, epsilon: float, steps: int) -> tuple[torch.Tensor, float]:
        """The adversarial image, and the least gradient on the way as a share of its step's largest."""
        x, least = self.image, 1.0
        for _ in range(steps):
            leaf = x.clone().requires_grad_()
            F.cross_entropy(self.net(leaf[None]), torch.tensor([self.target])).backward()
            least = min(least, float(leaf.grad.abs().min() / leaf.grad.abs().max()))
            x = x - 2.5 * epsilon / steps * leaf.grad.sign()
            x = torch.minimum(torch.maximum(x, self.image - epsilon), self.image + epsilon).clamp(0, 1)
        return x, least


@question("targeted_attack", twin=attack_twin(0.1, 3), weight=4)
def test_attack(student, remote, rng):
    """Each step moves every value by 2.5 ε / steps against the sign of the gradient of the target's cross-entropy."""
    for shape, epsilon, steps in (((3, 4, 5), 0.3, 4), ((1, 5, 3), 0.02, 1), ((2, 3, 4), 0.15, 3), ((3, 1, 4), 0.1, 2)):
        attack = Attack(rng, shape, epsilon, steps)
        found = student.targeted_attack(remote.copy(attack.net), attack.image, attack.target, epsilon, steps)
        close(found, attack.expected)


@question("targeted_attack", twin=attack_twin(0.25, 2))
def test_attack_stays_in_cube_and_range(student, remote, rng):
    """No value is further than ε from the image, and none outside [0, 1], even of images full of zeros and ones."""
    attack = Attack(rng, (3, 5, 4), 0.2, 3)
    for image in (attack.image.round(), attack.image):
        found = student.targeted_attack(remote.copy(attack.net), image, attack.target, 0.2, 3)
        close(found, image, atol=float("inf"))  # an image
        if float((found - image).abs().max()) > 0.2 + 1e-5:
            raise Mismatch("Some values are further than ε from the image.")
        if not bool(((found >= -1e-6) & (found <= 1 + 1e-6)).all()):
            raise Mismatch("Some values are outside [0, 1].")
        if torch.equal(found, image):
            raise Mismatch("The image was not moved at all.")


@question("targeted_attack", twin=attack_twin(0.1, 2, BLIND))
def test_attack_moves_what_counts(student, remote, rng):
    """A value that the network does not look at has gradient zero, whose sign is zero: it stays as it is."""
    net, image = smooth_net(rng), rng.image(3, 4, 5)
    with torch.no_grad():
        net[0].weight[:, 1] = 0
    found = student.targeted_attack(remote.copy(net), image, rng.integer(0, CLASSES), 0.2, 3)
    close(found[1], image[1])


@question("targeted_attack", twin=attack_twin(0.1, 2, NORMED))
def test_attack_leaves_everything_alone(student, remote, rng):
    """The network is used in eval mode; it and the image, a view, are left as they were; the answer has no graph."""
    attack = Attack(rng, (3, 4, 5), 0.1, 2, view=True)
    model, kept = remote.copy(half_frozen(attack.net)), remote.value(attack.image)
    for _ in range(2):
        with unchanged(model):
            found = student.targeted_attack(model, kept, attack.target, 0.1, 2)
        close(found, attack.expected, rtol=1e-5, atol=1e-6)
    refuse_graph(remote.probe(), "targeted_attack", model, kept, attack.target, 0.1, 2)


@question("targeted_attack", twin=ATTACK_ASKS, forbids=True)
def test_attack_leaves_the_image_alone(student, remote, rng):
    """The caller's image has the values that it had, and asks for no gradients afterwards."""
    image = rng.image(3, 4, 5)
    kept = remote.value(image)
    found = student.targeted_attack(remote.copy(smooth_net(rng)), kept, 1, 0.1, 2)
    close(found, torch.zeros(3, 4, 5), atol=float("inf"))  # an image: it ran
    refuse_traces(remote, kept, image)


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_gradients")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what the derivatives give."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_gradients", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


@question("quiz")
@pytest.mark.parametrize("number", [5])
def test_own_number(student, reference, variant, number):
    """It is as far as the steps carry a value, or to the wall of the cube."""
    answer = student.value(f"quiz_{number}")
    if not variant:  # an earlier release, which asked everybody the same
        close(answer, getattr(reference, f"quiz_{number}"))
        return
    own = own_attack(variant)
    close(answer, min(float(own.epsilon), 2.5 * own.epsilon * own.first / own.steps), atol=0.01)
