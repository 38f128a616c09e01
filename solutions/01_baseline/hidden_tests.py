"""Hidden tests of 01_baseline.

The network is tested on narrow copies with the same weights as ours; the full one is built once, without numbers.
Where a blank stands on `cross_entropy`, a stand-in (probes.py) keeps a mistake in that one away.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import (
    Mismatch,
    PublicTwin,
    Rng,
    StudentError,
    close,
    close_to_any,
    gradient,
    public_twin,
    question,
    unchanged,
)
from reference_models.graded_images import drawn_test_images
from reference_models.graded_predictions import stands_as_locked

INPUTS = {
    "random_crop": {"images": "one, odd, even, oblong, view", "size": "one, odd, even"},
    "repair_flip": {"images": "one, odd, even, oblong, view"},
    "cross_entropy": {"logits": "one, odd, even, oblong, extreme, view", "labels": "one, odd, even, duplicates"},
    "baseline_net": {"images": "one, odd, even, oblong, view"},
    "train_epoch": {"loader": "one, odd, even"},
    "evaluate": {"loader": "one, odd, even"},
    "best_epoch": {"history": "one, odd, even"},
}

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def chance(rate: float, n: int) -> float:
    """Six standard deviations of a share: a right answer leaves them once in half a billion."""
    return 6 * (rate * (1 - rate) / n) ** 0.5


def check_form(got: Any, shape: tuple[int, ...]) -> torch.Tensor:
    """A tensor of this shape and of some floating dtype, whatever its numbers."""
    close(got, torch.zeros(shape), dtype="any-float", atol=float("inf"))
    return torch.as_tensor(got)


# -- random_crop -----------------------------------------------------------------------------


def crop_twin(size: int) -> PublicTwin:
    """Shown: which places occur at all. Other draws are right as well."""

    def run(f: Any, remote: Any) -> list[int]:
        image = (10 * torch.arange(5.0)[:, None] + torch.arange(6.0)).expand(400, 3, 5, 6)
        crops = f.random_crop(image, size, remote.generator(1))
        return sorted({int(corner) for corner in crops[:, 0, 0, 0]})

    text = f"top left pixels of the crops of 400 images of 5×6, in which row r, column c holds 10·r + c; size={size}"
    return public_twin(run=run, describes=text)


def crop_of_a_pair(f: Any, remote: Any) -> torch.Tensor:
    """A public example: the crop is as large as the image."""
    return f.random_crop(torch.arange(24.0).reshape(2, 3, 2, 2), 2, remote.generator(1))[:, 0]


WHOLE = public_twin(
    run=crop_of_a_pair,
    shows="random_crop(torch.arange(24.0).reshape(2, 3, 2, 2), 2, torch.Generator().manual_seed(1))[:, 0]",
    drawn_as="image",
)


def places_of(crops: Any, images: torch.Tensor, size: int) -> torch.Tensor:
    """Row and column of each crop in its own image, `(N, 2)`; Mismatch where it is none of its image's windows."""
    crops = check_form(crops, (len(images), 3, size, size))
    windows = images.unfold(2, size, 1).unfold(3, size, 1)  # (N, 3, rows, columns, size, size)
    same = (windows == crops[:, :, None, None]).flatten(4).all(dim=4).all(dim=1)
    if not bool(same.flatten(1).any(dim=1).all()):
        raise Mismatch("Some crops are not a connected piece of their own image.")
    first = same.flatten(1).int().argmax(dim=1)
    return torch.stack([first // same.shape[2], first % same.shape[2]], dim=1)


@question("random_crop", twin=WHOLE)
def test_crops_are_pieces_of_their_images(student, remote, rng):
    """Each crop is a connected piece of its own image, all channels from one place; the images are not changed."""
    for n, height, width, size in ((6, 9, 7, 5), (1, 6, 8, 6), (3, 5, 5, 5), (2, 4, 6, 1)):
        images = rng.normal(width, height, 3, n).permute(3, 2, 1, 0)  # not contiguous
        with unchanged(images):
            crops = student.random_crop(images, size, remote.generator(rng.seed()))
        places_of(crops, images, size)


@question("random_crop", twin=crop_twin(3), weight=2)
def test_every_place_is_equally_likely(student, remote, rng):
    """Every row and every column of the first pixel, the last ones included, occurs equally often."""
    n = 500
    for height, width, size in ((5, 6, 3), (6, 4, 3), (5, 6, 4), (4, 6, 2)):  # odd and even, both ways
        images = rng.normal(n, 3, height, width)
        places = places_of(student.random_crop(images, size, remote.generator(rng.seed())), images, size)
        rows, columns = height - size + 1, width - size + 1
        shares = (places[:, 0] * columns + places[:, 1]).bincount(minlength=rows * columns) / n
        if bool((shares == 0).any()):
            raise Mismatch("Some places never occur: are the last row and column included, and is there one draw each?")
        if float((shares - 1 / len(shares)).abs().max()) > chance(1 / len(shares), n):
            raise Mismatch("Some places occur clearly more often than others.", str(shares.tolist()))


@question("random_crop")
def test_crops_come_from_the_generator(student, remote, rng):
    """Equal generators give equal crops, another seed gives others, and one generator used twice gives two results."""
    check_generator(student.random_crop, (rng.normal(60, 3, 7, 8), 4), remote, rng)


def check_generator(call: Callable[..., Any], arguments: tuple[Any, ...], remote: Any, rng: Any) -> None:
    seed = rng.seed()
    generator = remote.generator(seed)
    first = call(*arguments, generator)
    close(call(*arguments, remote.generator(seed)), first)
    for other in (remote.generator(seed + 1), generator):
        if torch.equal(call(*arguments, other), first):
            raise Mismatch(
                "Generators in different states give the same result: is the generator used, and not re-seeded?"
            )


# -- repair_flip -----------------------------------------------------------------------------


def kinds_of_flips(f: Any, remote: Any) -> list[Any]:
    """A public example: the distinct maps that come back, and whether about half are mirrored."""
    images = torch.arange(1.0, 7.0).reshape(1, 1, 2, 3).repeat(1000, 3, 1, 1)
    flipped = f.random_flip(images, remote.generator(1))[:, 0].flatten(1)
    maps = sorted(flipped.unique(dim=0).tolist())
    return [maps, round(float((flipped[:, 0] != 1).double().mean()) * 5)]


FLIPS = public_twin(
    run=kinds_of_flips,
    describes="for 1000 times the 2×3 map [[1, 2, 3], [4, 5, 6]]: which maps come back (flattened), "
    "and how many fifths of them are changed, rounded",
)


def mirrored_ones(flipped: Any, images: torch.Tensor) -> torch.Tensor:
    """Which of the images are mirrored, bool `(N,)`; Mismatch where one is neither mirrored nor as it was."""
    flipped = check_form(flipped, tuple(images.shape))
    mirrored, kept = ((flipped == x).flatten(1).all(dim=1) for x in (images.flip(-1), images))
    if not bool((mirrored | kept).all()):
        raise Mismatch("Some images are neither as they were nor mirrored left to right.")
    return mirrored


# Four mistakes are to be found. Each has a test that the three others pass, so that each one found earns its share.


def changed_ones(flipped: Any, images: torch.Tensor) -> torch.Tensor:
    """Which of the images came back otherwise than they were, in whatever way, bool `(N,)`."""
    return (check_form(flipped, tuple(images.shape)) != images).flatten(1).any(dim=1)


@question("repair_flip", twin=FLIPS)
def test_each_image_has_its_own_coin(student, remote, rng):
    """About half of the images of a batch come back changed, each decided by itself, also in batches of one."""
    n = 800
    images = rng.normal(n, 3, 2, 3)
    share = float(changed_ones(student.random_flip(images, remote.generator(rng.seed())), images).double().mean())
    if abs(share - 0.5) > chance(0.5, n):
        raise Mismatch("Clearly more or fewer than half of the images are changed.", f"{share:.3f}")
    generator, single = remote.generator(rng.seed()), rng.normal(1, 3, 4, 5)
    coins = [bool(changed_ones(student.random_flip(single, generator), single)) for _ in range(40)]
    if len(set(coins)) < 2:
        raise Mismatch("Out of forty batches of one image all, or none, are changed.")


@question("repair_flip", twin=FLIPS)
def test_mirrored_left_to_right(student, remote, rng):
    """An image comes back as it was or mirrored left to right, whatever its height and width."""
    generator = remote.generator(rng.seed())
    strided = rng.normal(2, 5, 3, 2).permute(3, 2, 1, 0)
    for images in (rng.normal(6, 3, 4, 5), rng.normal(3, 3, 1, 4), strided):
        mirrored = [mirrored_ones(student.random_flip(images, generator), images) for _ in range(30)]
        if not bool(torch.stack(mirrored).any()):
            raise Mismatch("In thirty batches no image was mirrored.")


@question("repair_flip")
def test_flips_come_from_the_generator(student, remote, rng):
    """Equal generators give equal flips, another seed gives others, and one generator goes on to others."""
    single, seed = rng.normal(1, 3, 4, 5), rng.seed()

    def coins(generator: Any) -> list[bool]:
        return [bool(changed_ones(student.random_flip(single, generator), single)) for _ in range(28)]

    generator = remote.generator(seed)
    first = coins(generator)
    if coins(remote.generator(seed)) != first:
        raise Mismatch("Equal generators give different flips: does all chance come from the generator?")
    if first in (coins(remote.generator(seed + 1)), coins(generator)):
        raise Mismatch("Generators in different states give the same flips: is it used, and not re-seeded?")


@question("repair_flip", forbids=True)
def test_flips_leave_the_images(student, remote, rng):
    """The caller keeps the images as they were."""
    images, generator = rng.normal(9, 3, 4, 5), remote.generator(rng.seed())
    for _ in range(12):
        with unchanged(images):
            flipped = student.random_flip(images, generator)
        check_form(flipped, tuple(images.shape))


# -- cross_entropy ---------------------------------------------------------------------------

SMALL = public_twin("cross_entropy", torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), torch.tensor([0, 1]))
LARGE = public_twin("cross_entropy", torch.tensor([[1000.0, 0.0], [-1000.0, -990.0]]), torch.tensor([1, 0]))
READY_MADE = {"cross_entropy", "cross_entropy_loss", "nll_loss", "nll_loss_nd", "log_softmax", "logsumexp"}


def surprise(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The formula in float64."""
    return F.cross_entropy(logits.double(), labels)


@question("cross_entropy", twin=SMALL, weight=2)
def test_cross_entropy(student, rng):
    """The mean over the batch of minus the log-probability of the label, for any number of images and classes."""
    for n, classes in ((8, 10), (5, 3), (4, 17), (1, 10), (1, 1), (2, 2)):
        z, y = rng.normal(n, classes, std=3.0), rng.labels(n, classes)
        close(student.cross_entropy(z, y), surprise(z, y).float(), shape=(), rtol=5e-5, atol=5e-6)


@question("cross_entropy", twin=LARGE, weight=3)
def test_cross_entropy_of_large_logits(student, remote, rng):
    """Logits of ±1000 give the right, finite loss, also where the rows of a batch are far apart."""
    z, y = rng.uniform(4, 6, low=-85.0, high=-75.0), torch.tensor([0, 2, 5, 3])
    z[:, 1] = 80 + rng.uniform(4)  # exp does not overflow yet, but some probabilities round to 0
    z[torch.arange(4), y] = 80 + rng.uniform(4)
    close(student.cross_entropy(z, y), surprise(z, y).float())
    z, y = rng.normal(6, 10, std=300.0).clamp(-1000, 1000), rng.labels(6, 10)
    z[0, 0] = 1000.0
    z[1] = rng.normal(10) - 900.0
    close(student.cross_entropy(z, y), surprise(z, y).float())
    close(student.cross_entropy(z[1:2], y[1:2]), surprise(z[1:2], y[1:2]).float())
    refuse_ready_made(remote, z, y)  # which know how to do this


@question("cross_entropy", weight=2)
def test_cross_entropy_has_its_gradient(student, rng):
    """The gradient is (probabilities − one-hot labels) / N."""
    z, y = rng.normal(4, 6, std=2.0, dtype=torch.float64), rng.labels(4, 6)
    expected = (z.softmax(dim=1) - F.one_hot(y, 6)) / 4
    close(gradient(student.cross_entropy, z, y, wrt=0), expected)


@question("cross_entropy")
def test_cross_entropy_leaves_its_inputs(student, rng):
    """Non-contiguous logits work, a second call agrees, and logits and labels are not changed."""
    z, y = rng.normal(5, 7, std=2.0).T, rng.labels(7, 5)
    with unchanged(z, y):
        first = student.cross_entropy(z, y)
    close(first, surprise(z, y).float())
    close(student.cross_entropy(z, y), first)


@question("cross_entropy", forbids=True)
def test_cross_entropy_is_written_out(student, remote, rng):
    """The loss is made of exp, log, sum and max: none of the ready-made functions that the text excludes."""
    z, y = rng.normal(4, 5), rng.labels(4, 5)
    close(student.cross_entropy(z, y), torch.zeros(()), atol=float("inf"))  # a number
    refuse_ready_made(remote, z, y)


def refuse_ready_made(remote: Any, z: torch.Tensor, y: torch.Tensor) -> None:
    """Raise Mismatch if the loss of these logits and labels calls what the text excludes."""
    found = READY_MADE & set(remote.probe().torch_functions_of_cross_entropy(z, y))
    if found:
        raise Mismatch(f"`cross_entropy` calls torch's {' and '.join(sorted(found))}: write the formula out.")


# -- baseline_net ----------------------------------------------------------------------------

DEFAULT_WIDTHS = (64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512)
STRIDES = (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1)
TRIAL_WIDTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)  # no two layers of one shape


class Network(nn.Module):
    """The network of the table, written once more."""

    def __init__(self, classes: int, widths: Iterable[int]) -> None:
        super().__init__()
        self.convolutions, self.norms, channels = nn.ModuleList(), nn.ModuleList(), 3
        for width, stride in zip(widths, STRIDES, strict=True):
            self.convolutions.append(nn.Conv2d(channels, width, (3, 3), (stride, stride), (1, 1)))
            self.norms.append(nn.BatchNorm2d(width))
            channels = width
        self.head = nn.Linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = torch.relu(norm(convolution(x)))
        return self.head(F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0])


def shapes_of(net: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(parameter.shape) for name, parameter in net.named_parameters()}


@functools.cache
def default_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of the full network's parameters, without their numbers."""
    with torch.device("meta"):
        return shapes_of(Network(10, DEFAULT_WIDTHS))


def kinds(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[str, str, tuple[int, ...]]]:
    """Name -> (norm or not, weight, bias or statistic, shape) of all parameters and of batch norm's buffers."""
    norms = {name.rpartition(".")[0] for name, shape in shapes.items() if name.endswith("weight") and len(shape) == 1}
    found = {}
    for name, shape in shapes.items():
        layer, _, leaf = name.rpartition(".")
        found[name] = ("norm" if layer in norms else "layer", leaf, tuple(shape))
        if layer in norms and leaf == "weight":
            for buffer in ("running_mean", "running_var"):
                found[f"{layer}.{buffer}"] = ("norm", buffer, tuple(shape))
    return found


def draw(rng: Any, kind: tuple[str, str, tuple[int, ...]]) -> torch.Tensor:
    """Numbers that keep the maps' size from layer to layer."""
    norm_or_not, leaf, shape = kind
    if leaf == "running_var" or (norm_or_not == "norm" and leaf == "weight"):
        return rng.uniform(*shape, low=0.5, high=2.0)
    return rng.normal(*shape, std=(2 / torch.Size(shape[1:]).numel()) ** 0.5 if leaf == "weight" else 0.3)


def state_for(shapes: Mapping[str, tuple[int, ...]], numbers: Mapping[Any, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A state dict with the numbers that belong to each layer's kind and shape, whatever the layers' names."""
    state = {}
    for name, kind in kinds(shapes).items():
        if kind not in numbers:
            raise Mismatch(
                "The network has a layer of a shape that no layer of the table has: look at kernel sizes, `widths`, "
                "biases, batch norms and `classes`."
            )
        state[name] = numbers[kind]
        if name.endswith("running_var"):
            state[name.removesuffix("running_var") + "num_batches_tracked"] = torch.tensor(0)
    return state


def dressed_pair(f: Any, rng: Any, classes: int = 5) -> tuple[Any, Network]:
    """A narrow network of the student and ours, with the same weights."""
    ours = Network(classes, TRIAL_WIDTHS)
    numbers = {kind: draw(rng, kind) for kind in kinds(shapes_of(ours)).values()}
    ours.load_state_dict(state_for(shapes_of(ours), numbers))
    theirs = f.BaselineNet(classes, TRIAL_WIDTHS)
    shapes = shapes_of(theirs) if isinstance(theirs, nn.Module) else theirs.shapes()
    try:
        theirs.load_state_dict(state_for(shapes, numbers))
    except StudentError as error:
        raise Mismatch("Weights of the shapes that the text gives cannot be loaded.", str(error)) from error
    return theirs, ours


def logits_of(net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return net(x)


def logits_twin(mode: str) -> PublicTwin:
    def run(f: Any) -> torch.Tensor:
        theirs, _ = dressed_pair(f, Rng(0), 3)
        theirs.train(mode == "train")
        with torch.no_grad():
            return theirs(torch.linspace(-1, 1, 2 * 3 * 16 * 10).reshape(2, 3, 16, 10))

    text = f"logits of BaselineNet(3, (4, 5, …, 14)) in {mode} mode, weights drawn with a fixed seed, two 16×10 images"
    return public_twin(run=run, describes=text)


def count_of(net: Any) -> int:
    return sum(p.numel() for p in net.parameters()) if isinstance(net, nn.Module) else net.parameter_count()


PARAMETERS = public_twin(
    run=lambda f: count_of(f.BaselineNet(4, (2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5))),
    shows="sum(p.numel() for p in BaselineNet(4, (2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5)).parameters())",
)


@question("baseline_net", twin=PARAMETERS, forbids=True)
def test_layers_of_the_network(student, remote):
    """By default 7,793,610 parameters in the shapes of the table: biases, batch norms, and nothing left over."""
    found = sorted(remote.probe().full_network().shapes().values())
    if found != sorted(default_shapes().values()):
        raise Mismatch(
            "The parameters do not have the shapes of the table: look at biases, batch norms, widths, the linear "
            "layer, and at layers that no image passes through.",
            f"{len(found)} parameters",
        )


@question("baseline_net", twin=logits_twin("eval"), weight=3)
def test_same_function(student, rng):
    """With the same weights in every layer the logits are those of the table's network, for images of any size."""
    theirs, ours = dressed_pair(student, rng)
    theirs.eval()
    ours.eval()
    check_logits(theirs, ours, rng.normal(2, 3, 9, 12), rng.normal(3, 3, 17, 6))


@question("baseline_net", twin=logits_twin("eval"))
def test_one_image_and_one_pixel(student, rng):
    """The same for a batch of one image, whose logits keep their batch dimension, and for images of one pixel."""
    theirs, ours = dressed_pair(student, rng)
    theirs.eval()
    ours.eval()
    check_logits(theirs, ours, rng.normal(1, 3, 6, 11), rng.normal(3, 3, 1, 1))


def check_logits(theirs: Any, ours: Network, *inputs: torch.Tensor) -> None:
    for x in inputs:
        expected = logits_of(ours, x)
        with unchanged(x):
            found = theirs(x)
        close(found, expected, rtol=1e-3, atol=1e-4 + 1e-4 * float(expected.abs().max()))


@question("baseline_net", twin=logits_twin("train"), weight=2)
def test_batch_norm_takes_the_batch(student, rng):
    """In train mode batch norm uses the batch's own mean and variance, and moves its running ones towards them."""
    theirs, ours = dressed_pair(student, rng)
    theirs.train()
    x = rng.normal(4, 3, 9, 16)
    expected = logits_of(ours.train(), x)
    found = theirs(x)
    close(found, expected, rtol=2e-3, atol=2e-3 * float(expected.abs().max()))
    theirs.eval()
    expected = logits_of(ours.eval(), x[:1])
    found = theirs(x[:1])
    close(found, expected, rtol=2e-3, atol=2e-3 * float(expected.abs().max()))


@question("baseline_net", weight=2)
def test_gradient_reaches_the_image(student, rng):
    """Gradients flow from the logits through all layers to the image, also to one that is a view."""
    theirs, ours = dressed_pair(student, rng)
    theirs.eval()
    leaf, cotangent = rng.normal(6, 5, 3, 2).permute(3, 2, 1, 0).requires_grad_(), rng.normal(2, 5)
    expected = torch.autograd.grad(ours.eval()(leaf), leaf, cotangent)[0]
    found = gradient(theirs, leaf.detach(), wrt=0, cotangent=cotangent)
    close(found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))


# -- train_epoch and evaluate ----------------------------------------------------------------


def stand_in_loss(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """As in probes.py."""
    return (z - F.one_hot(y, z.shape[1])).pow(2).sum(dim=1).mean() / 10


LOSSES: tuple[Loss, ...] = (stand_in_loss, F.cross_entropy)  # the notebook's own, and torch's called directly


def close_to_one(got: Any, expected: Callable[[Loss], Any]) -> None:
    """Compare with what one of the losses leads to."""
    close_to_any(got, *(functools.partial(expected, loss) for loss in LOSSES), rtol=5e-5, atol=2e-5)


def small_net(rng: Any, *extra: nn.Module) -> nn.Sequential:
    """Images of 3×2×3 to 4 logits, with random numbers in every layer."""
    net = nn.Sequential(*extra, nn.Flatten(), nn.Linear(18, 4))
    for name, tensor in net.state_dict().items():
        if tensor.is_floating_point():
            positive = name.endswith("running_var")
            tensor.copy_(rng.uniform(*tensor.shape, low=0.5, high=2.0) if positive else rng.normal(*tensor.shape))
    return net


def image_batches(rng: Any, *sizes: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return rng.batches(sizes=sizes, shape=(3, 2, 3), classes=4)


def trained(net: nn.Module, data: Any, loss: Loss) -> tuple[Any, float]:
    """State after one epoch of steepest descent at learning rate 0.1, and the mean loss."""
    net = copy.deepcopy(net).train()
    parameters = list(net.parameters())
    total = 0.0
    for x, y in data:
        value = loss(net(x), y)
        gradients = torch.autograd.grad(value, parameters)
        with torch.no_grad():
            for parameter, slope in zip(parameters, gradients, strict=True):
                parameter -= 0.1 * slope
        total += value.item() * len(y)
    return net.state_dict(), total / sum(len(y) for _, y in data)


def unlike_batches(rng: Any, net: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of 7 and 2 images in which no loss of a batch is close to a mean over all, whichever loss either is."""
    while True:
        data = image_batches(rng, 7, 2)
        means = [trained(net, data, loss)[1] for loss in LOSSES]
        firsts = [trained(net, data[:1], loss)[1] for loss in LOSSES]
        lasts = [(9 * mean - 7 * first) / 2 for mean, first in zip(means, firsts, strict=True)]
        if min(abs(mean - one) for mean in means for one in firsts + lasts) > 0.05:
            return data


PIXELS = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [3.0, 0.0]]).reshape(4, 1, 1, 2)
PUBLIC_DATA = [(PIXELS[:3], torch.tensor([0, 1, 0])), (PIXELS[3:], torch.tensor([0]))]
PUBLIC_TEXT = "1×2 images [1, 0], [0, 2], [−1, 1] in one batch, [3, 0] in another, labels 0, 1, 0 and 0"


def public_net() -> nn.Sequential:
    net = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(2, 2))
    nn.init.eye_(net[2].weight)
    nn.init.zeros_(net[2].bias)
    return net


def public_epoch(f: Any, remote: Any) -> list[Any]:
    """A public example: batch norm and an identity matrix, in eval mode when it comes."""
    model = remote.copy(public_net().eval())
    mean = f.train_epoch(model, remote.loader(PUBLIC_DATA), remote.sgd(model, lr=0.1))
    state = model.state_dict()
    return [mean, state["2.weight"], state["0.running_mean"]]


EPOCH = public_twin(
    run=public_epoch,
    describes="mean loss, the linear layer's weights and batch norm's running mean after train_epoch with SGD at 0.1; "
    f"model: batch norm, flatten, linear (weights: identity), in eval mode at first; {PUBLIC_TEXT}",
)
EVALUATION = public_twin(
    run=lambda f, remote: list(f.evaluate(remote.copy(public_net().train()), remote.loader(PUBLIC_DATA))),
    describes="evaluate(model, loader); model: batch norm (new), flatten, linear (weights: identity), in train mode at "
    f"first; {PUBLIC_TEXT}",
)


@question("train_epoch", twin=EPOCH, weight=2)
def test_one_step_per_batch(student, remote, rng):
    """One step of the optimizer per batch, with this batch's gradients only: the weights are those expected."""
    net, data = small_net(rng), image_batches(rng, 5, 1, 4)
    remote.probe().use_stand_in("train_epoch")
    model = remote.copy(net)
    student.train_epoch(model, remote.loader(data), remote.sgd(model, lr=0.1))
    close_to_one(model.state_dict(), lambda loss: trained(net, data, loss)[0])


@question("train_epoch", twin=EPOCH)
def test_mean_loss_over_images(student, remote, rng):
    """What comes back is the mean loss over all images, batches weighed by their size, each taken before its step."""
    net = small_net(rng)
    data = unlike_batches(rng, net)
    remote.probe().use_stand_in("train_epoch")
    model = remote.copy(net)
    mean = student.train_epoch(model, remote.loader(data), remote.sgd(model, lr=0.1))
    close_to_one(mean, lambda loss: trained(net, data, loss)[1])


@question("train_epoch", twin=EPOCH)
def test_trains_in_train_mode(student, remote, rng):
    """Batch norm learns its running statistics: the model is in train mode, though it came in eval mode."""
    net, data = small_net(rng, nn.BatchNorm2d(3)), image_batches(rng, 5, 4)
    remote.probe().use_stand_in("train_epoch")
    model = remote.copy(net.eval())
    student.train_epoch(model, remote.loader(data), remote.sgd(model, lr=0.1))
    close_to_one(model.state_dict(), lambda loss: trained(net, data, loss)[0])


def evaluation(net: nn.Module, data: Any, loss: Loss = F.cross_entropy) -> tuple[float, float]:
    x, y = (torch.cat(parts) for parts in zip(*data, strict=True))
    with torch.no_grad():
        z = net.eval()(x)
    return loss(z, y).item(), (z.argmax(dim=1) == y).double().mean().item()


def telling_batches(rng: Any, net: nn.Module) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of 6, 5 and 1 images of which 5, 1 and 1 are classified rightly: averages over batches differ, and the
    share of the wrong ones too."""
    data = []
    for (x, _), hits in zip(image_batches(rng, 6, 5, 1), (5, 1, 1), strict=True):
        with torch.no_grad():
            guess = net.eval()(x).argmax(dim=1)
        wrong = (guess + rng.integers(len(guess), low=1, high=4)) % 4
        data.append((x, torch.where(torch.arange(len(guess)) < hits, guess, wrong)))
    return data


@question("evaluate", twin=EVALUATION, weight=2)
def test_means_over_images(student, remote, rng):
    """Loss and accuracy, in this order, are means over all images, whatever the sizes of the batches."""
    net = small_net(rng)
    data = telling_batches(rng, net)
    remote.probe().use_stand_in("evaluate")
    answer = student.evaluate(remote.copy(net), remote.loader(data))
    close(tuple(answer) if isinstance(answer, list) else answer, (0.0, 0.0), atol=float("inf"))  # two numbers
    close(answer[1], 7 / 12)
    close_to_one(answer[0], lambda loss: evaluation(net, data, loss)[0])


@question("evaluate", twin=EVALUATION, weight=2)
def test_evaluates_in_eval_mode(student, remote, rng):
    """In eval mode no image's answer depends on the others, dropout is off, and no weight or statistic moves."""
    net = small_net(rng, nn.BatchNorm2d(3), nn.Dropout(0.5))
    data = image_batches(rng, 4, 4)  # of equal size: how averages are weighed is another test's business
    remote.probe().use_stand_in("evaluate")
    model = remote.copy(net.train())
    before = model.state_dict()
    answer = student.evaluate(model, remote.loader(data))
    close(model.state_dict(), before)
    close_to_one(tuple(answer), lambda loss: evaluation(net, data, loss))


@question("evaluate", forbids=True)
def test_evaluation_records_no_gradients(student, remote, rng):
    """No graph is recorded during the forward passes, and no gradients are left behind in the model."""
    net, data = small_net(rng), image_batches(rng, 4, 4)
    probe = remote.probe()
    probe.use_stand_in("evaluate")
    model = remote.copy(net.eval())
    probe.watch(model)
    with unchanged(model):
        answer = student.evaluate(model, remote.loader(data))
    close(tuple(answer), (0.0, 0.0), atol=float("inf"))  # it ran
    if probe.gradients_were_recorded() is not False:
        raise Mismatch("The forward pass records gradients: evaluate under `torch.no_grad()`.")


# -- best_epoch ------------------------------------------------------------------------------

KEYS = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")


def as_history(*rows: tuple[float, float, float, float]) -> list[dict[str, float]]:
    return [dict(zip(KEYS, row, strict=True)) for row in rows]


CHOICE = public_twin(
    "best_epoch",
    as_history(
        (1.5, 0.4, 1.4, 0.5), (1.1, 0.6, 1.0, 0.6), (0.8, 0.7, 1.1, 0.7), (0.6, 0.8, 1.2, 0.7), (0.4, 0.9, 1.3, 0.6)
    ),
)


def drawn_history(rng: Any, best: int, tie: int, least_loss: int, epochs: int) -> list[dict[str, float]]:
    """Training improves until the last epoch, which is a little worse; validation is best at `best` and at `tie`, and
    worst at an epoch before the last, if there is another."""
    top, worst = rng.integer(60, 90), 2 if best < 2 else 0
    rows = []
    for epoch in range(epochs):
        accuracy = top if epoch in (best, tie) else top - (40 if epoch == worst else rng.integer(1, 30))
        loss = 0.5 if epoch == least_loss else rng.number(0.6, 2.0)
        percent = 20 + 5 * epoch - 8 * (epoch == epochs - 1)
        rows.append((2.0 - 0.1 * epoch, percent / 100, loss, accuracy / 100))
    return as_history(*rows)


@question("best_epoch", twin=CHOICE)
def test_least_validation_error(student, rng):
    """The epoch with the least validation error, counted from 0, not that of the least loss or of the last epoch."""
    for best, least_loss, epochs in ((rng.integer(2, 5), 1, 8), (0, 3, 5), (0, 0, 1)):
        history = drawn_history(rng, best, best, least_loss, epochs)
        with unchanged(history):
            close(student.best_epoch(history), best)


@question("best_epoch", twin=CHOICE)
def test_first_of_equals(student, rng):
    """Of several epochs with the least error it is the first."""
    for best, tie, least_loss, epochs in ((rng.integer(1, 3), rng.integer(4, 6), 0, 7), (0, 3, 2, 4)):
        close(student.best_epoch(drawn_history(rng, best, tie, least_loss, epochs)), best)


# -- trained_weights -------------------------------------------------------------------------


@question("trained_weights")
@pytest.mark.parametrize("least", [0.4, 0.6])
def test_accuracy(student, artifact, least):
    """The weights that you handed in get enough of the test images right."""
    images, labels = drawn_test_images(artifact.rng())
    artifact.reaches(least, "baseline_weights.safetensors", lambda: student.BaselineNet(), images, labels)


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_training")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what the formulas give."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_training", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))
