"""Hidden tests of 03_separable.

Structure is proven by weights: the same numbers go into the student's layer and into ours, and the
outputs have to agree. What the student's side says of itself (counts, modes, hooks) can only take
points away.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
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
    gradient,
    public_twin,
    question,
    unchanged,
)
from reference_models.graded_images import drawn_test_images
from reference_models.graded_predictions import stands_as_locked
from reference_models.mobilenet import MobileNet

INPUTS = {
    "parameter_counts": {"cin": "odd, even", "cout": "odd, even", "k": "one, odd, even"},
    "separable_conv": {"x": "one, odd, even, oblong, view", "kernel_size": "one, odd", "stride": "one, odd, even"},
    "mobilenet": {"images": "one, odd, even, oblong, view"},
    "multiply_accumulates": {},  # a network and a size: the tests draw odd and even, oblong ones
    "repair_block": {"x": "one, odd, even, oblong, view", "cin": "one, odd, even", "stride": "one, odd, even"},
}


def wear(module: Any, weights: Mapping[str, torch.Tensor]) -> None:
    """Load weights into the student's module; where they do not fit, say so, not that torch raised."""
    try:
        module.load_state_dict(dict(weights))
    except StudentError as error:
        raise Mismatch(
            "Weights of the shapes that the text gives cannot be loaded: look at groups, channels, biases and names.",
            str(error),
        ) from error


def helpers(student: Any, remote: Any) -> Any:
    """The probe: its functions run beside student code, and do not mind what earlier tests left there."""
    return student.kept("probe", lambda rng: remote.probe())


# -- parameter_counts ------------------------------------------------------------------------

COUNTED = ((1, True), (4, False), (5, True), (5, False))  # kernel size and bias
FULL_COUNT = public_twin("convolution_parameter_count", 4, 6, 5, True)
PAIR_COUNT = public_twin("separable_parameter_count", 4, 6, 5, True)


@question("parameter_counts", twin=FULL_COUNT)
def test_convolution_count(student, rng):
    """A full convolution has k·k weights for every pair of channels, and one bias per output channel if any."""
    for k, bias in COUNTED:
        cin, cout = rng.integer(2, 600), rng.integer(2, 600)
        expected = k * k * cin * cout + (cout if bias else 0)
        close(student.convolution_parameter_count(cin, cout, k, bias), expected)


@question("parameter_counts", twin=PAIR_COUNT)
def test_separable_count(student, rng):
    """A separable one has k·k weights per input channel and a cin × cout matrix; with `bias` both have biases."""
    for k, bias in COUNTED:
        cin, cout = rng.integer(2, 600), rng.integer(2, 600)
        expected = k * k * cin + cin * cout + (cin + cout if bias else 0)
        close(student.separable_parameter_count(cin, cout, k, bias), expected)


# -- separable_conv --------------------------------------------------------------------------

LADDER = torch.arange(24.0).reshape(1, 1, 4, 6)


def ladder_output(f: Any, k: int, stride: int) -> torch.Tensor:
    """A public example: one channel, weights written out."""
    block = f.SeparableConv2d(1, 2, k, stride)
    names = ("depthwise.weight", "depthwise.bias", "pointwise.weight", "pointwise.bias")
    numbers = (
        torch.ones(1, 1, k, k),
        torch.tensor([-60.0]),
        torch.tensor([1.0, -2.0])[:, None, None, None],
        torch.zeros(2),
    )
    block.load_state_dict(dict(zip(names, numbers, strict=True)))
    with torch.no_grad():
        return block(LADDER)[0]


def block_twin(k: int, stride: int) -> PublicTwin:
    return public_twin(
        run=lambda f: ladder_output(f, k, stride),
        drawn_as="map",
        describes=f"SeparableConv2d(1, 2, {k}, stride={stride}) on the 4×6 map 0, 1, …, 23; depthwise weights 1 and "
        "bias −60, pointwise weights 1 and −2 and biases 0",
    )


BLOCK_STRIDE_2 = block_twin(3, 2)
BLOCK_SHAPES = public_twin(
    run=lambda f: [tuple(tensor.shape) for tensor in f.SeparableConv2d(5, 7, 3, 1, False).state_dict().values()],
    shows="[tuple(tensor.shape) for tensor in SeparableConv2d(5, 7, 3, 1, False).state_dict().values()]",
)


def separable_weights(rng: Any, cin: int, cout: int, k: int, bias: bool) -> dict[str, torch.Tensor]:
    """Random weights under the names that the text gives."""
    weights = {"depthwise.weight": rng.normal(cin, 1, k, k), "pointwise.weight": rng.normal(cout, cin, 1, 1)}
    if bias:
        weights |= {"depthwise.bias": rng.normal(cin), "pointwise.bias": rng.normal(cout)}
    return weights


def full_convolution(w: Mapping[str, torch.Tensor], x: torch.Tensor, k: int, stride: int) -> torch.Tensor:
    """The full convolution with kernel P[o, i] · D[i]: what a separable one is, computed another way."""
    kernel = torch.einsum("oi,ihw->oihw", w["pointwise.weight"][:, :, 0, 0], w["depthwise.weight"][:, 0])
    y = F.conv2d(x, kernel, stride=stride, padding=k // 2)
    if "pointwise.bias" in w:
        y = y + (w["pointwise.bias"] + w["pointwise.weight"][:, :, 0, 0] @ w["depthwise.bias"])[:, None, None]
    return y


@question("separable_conv", twin=BLOCK_SHAPES, forbids=True)
def test_weights_of_the_halves(student, rng):
    """`depthwise` has one k×k kernel per input channel, `pointwise` a matrix, and both have biases only with `bias`."""
    for bias, biases in ((True, "and a bias for each"), (False, "and no biases")):
        cin, cout, k = rng.integer(2, 9), rng.integer(10, 19), rng.choice((3, 5))
        block = student.SeparableConv2d(cin, cout, k, 1, bias)
        expected = {name: tuple(tensor.shape) for name, tensor in separable_weights(rng, cin, cout, k, bias).items()}
        if block.shapes() != expected:
            raise Mismatch(
                f"With bias={bias} the block should have exactly a depthwise weight (cin, 1, k, k), a pointwise weight "
                f"(cout, cin, 1, 1), {biases}."
            )


@question("separable_conv", twin=BLOCK_STRIDE_2, weight=2)
def test_equals_the_full_convolution(student, rng):
    """With given weights the block equals the full convolution whose kernel for (o, i) is P[o, i] · D[i]."""
    check_against_full(student, rng, ((3, 8, 3, 1, True), (4, 5, 3, 1, False)))


@question("separable_conv", twin=block_twin(5, 3), weight=2)
def test_strides_and_kernel_sizes(student, rng):
    """The same for other strides and for kernels of 1×1, 5×5 and 7×7: padding is kernel_size // 2."""
    check_against_full(student, rng, ((6, 4, 5, 2, True), (5, 3, 1, 1, False), (2, 3, 7, 3, True)))


def check_against_full(student: Any, rng: Any, cases: Iterable[tuple[int, int, int, int, bool]]) -> None:
    for cin, cout, k, stride, bias in cases:
        weights, x = separable_weights(rng, cin, cout, k, bias), rng.normal(2, cin, 9, 12)
        block = student.SeparableConv2d(cin, cout, k, stride, bias)
        wear(block, weights)
        expected = full_convolution(weights, x, k, stride)
        close(block(x), expected, rtol=1e-3, atol=1e-4)


@question("separable_conv", weight=2)
def test_depthwise_has_the_stride(student, rng):
    """The stride is in the depthwise half, so that the pointwise half works on the smaller maps."""
    block = student.SeparableConv2d(4, 6, 3, 2, False)
    maps = block.get("depthwise")(rng.normal(2, 4, 9, 12))
    if not isinstance(maps, torch.Tensor) or maps.ndim != 4 or max(maps.shape[2:]) > 6:  # padded before or inside it
        raise Mismatch("With stride=2 the maps that come out of `depthwise` should be about half as high and wide.")


@question("separable_conv")
def test_any_batch_any_layout(student, rng):
    """One image alone, a non-contiguous batch, a second call: the same numbers, and the input is left as it was."""
    weights = separable_weights(rng, 3, 4, 3, True)
    x = rng.normal(8, 6, 3, 5).permute(3, 2, 0, 1)
    block = student.SeparableConv2d(3, 4, 3)
    wear(block, weights)
    expected = full_convolution(weights, x, 3, 1)
    with unchanged(x):
        close(block(x), expected, rtol=1e-3, atol=1e-4)
    close(block(x[2:3]), expected[2:3], rtol=1e-3, atol=1e-4)
    close(block(x), expected, rtol=1e-3, atol=1e-4)


@question("separable_conv")
def test_gradient_of_the_block(student, rng):
    """Gradients flow through both halves to the input."""
    weights, x, cotangent = separable_weights(rng, 3, 4, 3, True), rng.normal(2, 3, 5, 6), rng.normal(2, 4, 3, 3)
    block = student.SeparableConv2d(3, 4, 3, 2)
    wear(block, weights)
    leaf = x.clone().requires_grad_()
    expected = full_convolution(weights, leaf, 3, 2)
    close(block(x), expected, rtol=1e-3, atol=1e-4)
    slope = torch.autograd.grad(expected, leaf, cotangent)[0]
    close(gradient(block, x, wrt=0, cotangent=cotangent), slope, rtol=1e-3, atol=1e-4)


# -- mobilenet -------------------------------------------------------------------------------


def public_logits(f: Any, training: bool) -> torch.Tensor:
    """A public example: weights drawn with a fixed seed, a ramp as the image."""
    net = f.MobileNet(3).train(training)
    parameters = {name: tuple(t.shape) for name, t in net.state_dict().items() if name.endswith(("weight", "bias"))}
    with torch.device("meta"):
        shapes = {name: tuple(parameter.shape) for name, parameter in MobileNet(3).named_parameters()}
    net.load_state_dict(Wardrobe(Rng(0), shapes).state_for(parameters))
    with torch.no_grad():
        return net(torch.linspace(-1, 1, 2 * 3 * 16 * 10).reshape(2, 3, 16, 10))


def logits_twin(mode: str) -> PublicTwin:
    return public_twin(
        run=lambda f: public_logits(f, mode == "train"),
        describes=f"logits of MobileNet(3) in {mode} mode, weights drawn with a fixed seed, for two 16×10 images",
    )


PARAMETERS = public_twin(
    run=lambda f: sum(tensor.numel() for tensor in dict(f.MobileNet(4).state_dict()).values()),
    shows="sum(tensor.numel() for tensor in MobileNet(4).state_dict().values())",
)


class Wardrobe:
    """The same random numbers for all layers of one kind and shape: neither names nor order of layers matter."""

    def __init__(self, rng: Any, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """`shapes` are those of our network's parameters: there are no other layers."""
        self._numbers = {}
        for key in dict.fromkeys(kinds(shapes).values()):
            kind, leaf, shape = key
            count = min(torch.Size(shape).numel(), MOST_NUMBERS)
            if leaf == "running_var" or (kind == "norm" and leaf == "weight"):
                self._numbers[key] = rng.uniform(count, low=0.5, high=2.0)
            else:
                std = (2 / torch.Size(shape[1:]).numel()) ** 0.5 if leaf == "weight" else 0.3
                self._numbers[key] = rng.normal(count) * std

    def numbers_for(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
        """Name -> the numbers, 1-d, that fill it row by row, over and over, for parameters of these shapes."""
        found = {}
        for name, key in kinds(shapes).items():
            if key not in self._numbers:
                raise Mismatch(
                    "The network has a layer of a shape that no layer of the table has: look at groups, widths, "
                    "biases and the number of classes."
                )
            found[name] = self._numbers[key]
        return found

    def state_for(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
        """A state dict for a network whose parameters have these shapes."""
        layout, state = kinds(shapes), {}
        for name, numbers in self.numbers_for(shapes).items():
            state[name] = torch.empty(layout[name][2])
            fill(state[name], numbers)
        norms = [name.removesuffix("running_var") for name in state if name.endswith("running_var")]
        return state | {f"{norm}num_batches_tracked": torch.tensor(0) for norm in norms}


MOST_NUMBERS = 2053  # drawing or sending a million takes a while; a prime: rows of a matrix do not begin alike


def fill(tensor: torch.Tensor, numbers: torch.Tensor) -> None:
    """Fill the tensor with the numbers over and over, as the probe `fill` does it in the student's network."""
    flat = tensor.view(-1)
    whole = len(flat) // len(numbers) * len(numbers)
    flat[:whole].view(-1, len(numbers)).copy_(numbers)
    flat[whole:].copy_(numbers[: len(flat) - whole])


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


@functools.cache
def our_network() -> tuple[MobileNet, dict[str, tuple[int, ...]], dict[str, torch.Tensor]]:
    """The network, the shapes of its parameters, and its state.

    Building it takes longer than a test, so it is built once; every pair fills its state with numbers of its own.
    """
    network = MobileNet()
    return network, {name: tuple(p.shape) for name, p in network.named_parameters()}, network.state_dict()


class Pair:
    """The student's default network and ours, with the same weights, and the same statistics after the same batches."""

    def __init__(self, student: Any, remote: Any, rng: Any) -> None:
        wardrobe = self._fill_ours(rng)  # nobody else draws from this generator
        self.theirs = student.MobileNet()
        self._fill_theirs(helpers(student, remote), wardrobe.numbers_for(self.theirs.shapes()))

    def _fill_ours(self, rng: Any) -> Wardrobe:
        self._ours, shapes, state = our_network()
        wardrobe = Wardrobe(rng, shapes)
        for name, numbers in wardrobe.numbers_for(shapes).items():
            fill(state[name], numbers)
        return wardrobe

    def _fill_theirs(self, probe: Any, numbers: dict[str, torch.Tensor]) -> None:
        different = list({id(tensor): tensor for tensor in numbers.values()}.values())  # many layers share theirs
        place = {id(tensor): position for position, tensor in enumerate(different)}
        try:
            probe.fill(self.theirs, different, {name: place[id(tensor)] for name, tensor in numbers.items()})
        except StudentError as error:
            raise Mismatch(
                "Weights of the shapes that the text gives cannot be loaded: is each of them a parameter of a "
                "Conv2d, BatchNorm2d or Linear layer?",
                str(error),
            ) from error

    def check(self, x: torch.Tensor, *, training: bool, tolerance: float) -> None:
        """Both give the same logits, up to `tolerance` times the largest."""
        self.theirs.train(training)
        expected = self._expected(x, training)
        with unchanged(x):
            found = self.theirs(x)
        close(found, expected, rtol=tolerance, atol=tolerance * float(expected.abs().max()))

    def _expected(self, x: torch.Tensor, training: bool) -> torch.Tensor:
        with torch.no_grad():
            return self._ours.train(training)(x)


@question("mobilenet", twin=PARAMETERS, forbids=True)
def test_size_and_classes(student):
    """1,168,900 parameters for four classes: each convolution has biases and a batch norm, and nothing is left over."""
    close(student.MobileNet(4).parameter_count(), 1_168_900)


@question("mobilenet", twin=logits_twin("eval"), weight=2)
def test_same_function(student, remote, rng):
    """With the same weights in every layer the logits are those of the network in the table, for any image size."""
    pair = student.kept("pair", lambda rng: Pair(student, remote, rng))
    pair.check(rng.normal(2, 3, 12, 9), training=False, tolerance=1e-3)


@question("mobilenet")
def test_images_of_any_layout(student, remote, rng):
    """Images that were permuted have the logits that they have in order."""
    pair = student.kept("pair", lambda rng: Pair(student, remote, rng))
    pair.check(rng.normal(8, 7, 3, 2).permute(3, 2, 1, 0), training=False, tolerance=1e-3)


@question("mobilenet", twin=logits_twin("train"), weight=2)
def test_where_the_strides_are(student, remote, rng):
    """The depthwise steps have the strides: in train mode, where batch norm sees whole maps, the logits of one image of
    another size agree too."""
    pair = student.kept("pair", lambda rng: Pair(student, remote, rng))
    pair.check(rng.normal(1, 3, 9, 16), training=True, tolerance=2e-3)


# -- multiply_accumulates --------------------------------------------------------------------


def count_products(model: nn.Module, size: tuple[int, int, int]) -> int:
    """The definition, written once more: products of every Conv2d and Linear for one image."""
    total = 0

    def look(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal total
        total += output.numel() * layer.weight[0].numel()

    for part in model.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            part.register_forward_hook(look)
    with torch.no_grad():
        model.eval()(torch.zeros(1, *size))
    return total


def macs_twin(layer: nn.Module, size: tuple[int, int, int], text: str) -> Any:
    return public_twin(
        run=lambda f, remote: f.multiply_accumulates(remote.copy(layer), size),
        shows=f"multiply_accumulates({text}, {size})",
    )


PLAIN = macs_twin(nn.Conv2d(3, 8, 3, stride=2, padding=1), (3, 6, 10), "nn.Conv2d(3, 8, 3, stride=2, padding=1)")
GROUPED = macs_twin(nn.Conv2d(4, 8, (1, 3), groups=2), (4, 5, 6), "nn.Conv2d(4, 8, (1, 3), groups=2)")
CHAIN = macs_twin(
    nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(24, 5)),
    (3, 2, 3),
    "nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(24, 5))",
)


@question("multiply_accumulates", twin=PLAIN)
def test_products_of_a_convolution(student, remote, rng):
    """Products are counted per output position, whatever stride, padding and dilation; biases are free."""
    for bias in (False, True):
        cin, cout, k = rng.integer(2, 7), rng.integer(2, 9), rng.choice((2, 3, 5))
        layer = nn.Conv2d(cin, cout, k, stride=rng.integer(2, 4), padding=rng.integer(0, 3), dilation=2, bias=bias)
        size = (cin, rng.integer(12, 16), rng.integer(17, 24))
        expected = count_products(layer, size)
        close(student.multiply_accumulates(remote.copy(layer), size), expected)


@question("multiply_accumulates", twin=GROUPED, weight=2)
def test_groups_and_oblong_kernels(student, remote, rng):
    """With groups each output channel reads cin / groups channels; a kernel has height times width weights."""
    for groups, kernel in ((4, (1, 5)), (2, (4, 2))):
        layer, size = nn.Conv2d(4, 8, kernel, groups=groups), (4, rng.integer(6, 9), rng.integer(10, 14))
        expected = count_products(layer, size)
        close(student.multiply_accumulates(remote.copy(layer), size), expected)


@question("multiply_accumulates", twin=CHAIN)
def test_linear_counts_and_the_rest_is_free(student, remote, rng):
    """Convolutions and linear layers are added up, nested ones too; batch norm, ReLU and pooling are free."""
    width, hidden = rng.integer(3, 9), rng.integer(3, 9)
    inner = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2))
    head = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 1)
    )
    net, size = nn.Sequential(inner, head), (3, rng.integer(6, 10), rng.integer(10, 14))
    expected = count_products(net, size)
    close(student.multiply_accumulates(remote.copy(net), size), expected)


def after_counting(f: Any, remote: Any) -> list[torch.Tensor]:
    """A public example: batch norm's running mean after the call, and how many batches it counts in one more pass."""
    torch.manual_seed(0)
    model = remote.copy(nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2)))
    f.multiply_accumulates(model, (1, 2, 3))
    mean = model.state_dict()["1.running_mean"].clone()
    with torch.no_grad():
        model(torch.ones(2, 1, 2, 3))
    return [mean, model.state_dict()["1.num_batches_tracked"]]


UNTOUCHED = public_twin(
    run=after_counting,
    describes="running_mean of a new nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2)) after multiply_accumulates; "
    "num_batches_tracked after one more forward pass of the model, which was in train mode",
)


@question("multiply_accumulates", twin=UNTOUCHED)
def test_leaves_the_model_alone(student, remote, rng):
    """Afterwards weights, running means, hooks and every part's mode are as before, and a second call agrees."""
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2))
    size = (3, rng.integer(5, 9), rng.integer(9, 12))
    net[1].eval()  # a frozen batch norm in a network that trains stays frozen
    training, resting = remote.copy(net), remote.copy(net.eval())
    expected = count_products(net, size)
    for model in (training, resting):
        with unchanged(model):
            close(student.multiply_accumulates(model, size), expected)
        close(student.multiply_accumulates(model, size), expected)
    if helpers(student, remote).hooks_left(training) != 0:
        raise Mismatch("Hooks are still registered on the model after the call: remove each by its handle.")


@question("multiply_accumulates")
def test_a_layer_called_twice_counts_twice(student, remote, rng):
    """A layer that is called twice in one forward pass does its products twice."""
    height, width = rng.integer(4, 8), rng.integer(9, 12)
    expected = 2 * height * width * 2 * 2 * 9 + 2 * 3
    close(student.multiply_accumulates(helpers(student, remote).twice(), (2, height, width)), expected)


# -- repair_block ----------------------------------------------------------------------------


def block_output(f: Any) -> torch.Tensor:
    """A public example: one channel, weights written out."""
    block = f.RepairedBlock(1, 1, 2).eval()
    numbers = {name: torch.ones_like(tensor) for name, tensor in block.state_dict().items()}
    numbers |= {name: torch.zeros_like(tensor) for name, tensor in numbers.items() if name.endswith("bias")}
    numbers |= {"pointwise.weight": -numbers["pointwise.weight"], "norm1.running_mean": torch.tensor([20.0])}
    numbers |= {"norm2.running_mean": torch.tensor([-99.0])}
    block.load_state_dict(numbers)
    with torch.no_grad():
        return block(LADDER)[0, 0]


REPAIRED = public_twin(
    run=block_output,
    drawn_as="map",
    describes="RepairedBlock(1, 1, stride=2).eval() on the 4×6 map 0, 1, …, 23; depthwise weights 1, pointwise "
    "weight −1, biases 0, norm weights and variances 1, norm1.running_mean 20, norm2.running_mean −99",
)
STRIDED = public_twin(
    run=lambda f: [tuple(f.RepairedBlock(4, 6, stride)(torch.zeros(2, 4, 7, 10)).shape) for stride in (1, 2, 3)],
    describes="shapes of RepairedBlock(4, 6, stride) on two 7×10 images of 4 channels for the strides 1, 2 and 3",
)
BLOCK_PARTS = public_twin(
    run=lambda f: [(name, tuple(tensor.shape)) for name, tensor in sorted(f.RepairedBlock(4, 6).state_dict().items())],
    shows="[(name, tuple(tensor.shape)) for name, tensor in sorted(RepairedBlock(4, 6).state_dict().items())]",
)


# Four mistakes are to be found. Each has a test that the three others pass, so that each one found earns its share.


def maps_of(part: Any, x: torch.Tensor) -> torch.Tensor:
    """What a part of the block makes of maps: maps `(N, C, H, W)`."""
    found = part(x)
    if not isinstance(found, torch.Tensor) or found.ndim != 4 or len(found) != len(x):
        raise Mismatch("A convolution of the block should make maps (N, C, H, W) of maps.")
    return found


@question("repair_block", twin=BLOCK_PARTS, weight=2)
def test_convolutions_have_no_bias(student, rng):
    """Both convolutions make zeros of zeros, and something of other maps: they have weights and no biases."""
    cin, cout = rng.integer(3, 9), rng.integer(10, 20)
    block = student.RepairedBlock(cin, cout)
    for name in ("depthwise", "pointwise"):
        part = block.get(name)
        close(maps_of(part, torch.zeros(1, cin, 4, 5)).abs().max(), torch.tensor(0.0))
        if not bool(maps_of(part, rng.normal(1, cin, 4, 5)).any()):
            raise Mismatch(f"`{name}` makes zeros of every map.")
    if {"depthwise.bias", "pointwise.bias"} & set(block.shapes()):
        raise Mismatch("The convolutions should have no biases: the batch norm after each has one.")


@question("repair_block", twin=BLOCK_PARTS, weight=2)
def test_depthwise_looks_at_one_channel(student, rng):
    """`depthwise` makes each map out of one channel, its own: a change of one channel changes no other map."""
    cin = rng.integer(3, 7)
    part = student.RepairedBlock(cin, 5).get("depthwise")
    x, channel = rng.normal(2, cin, 5, 6), rng.integer(0, cin)
    other = x.clone()
    other[:, channel] += rng.normal(2, 5, 6)
    change = (maps_of(part, other) - maps_of(part, x)).abs().amax(dim=(0, 2, 3))
    if change.shape != (cin,) or not float(change[channel]) > 1e-3:
        raise Mismatch("`depthwise` should make one map of each channel.")
    close(torch.cat([change[:channel], change[channel + 1 :]]), torch.zeros(cin - 1), atol=1e-5)


@question("repair_block", twin=STRIDED, weight=2)
def test_maps_are_halved_once(student, rng):
    """The maps that come out have ceil(H / stride) rows and ceil(W / stride) columns, for any number of channels."""
    for cin, cout, stride, height, width in ((4, 6, 2, 7, 10), (3, 2, 3, 8, 9), (5, 5, 1, 4, 3), (1, 1, 2, 1, 6)):
        found = maps_of(student.RepairedBlock(cin, cout, stride).eval(), rng.normal(2, cin, height, width))
        if tuple(found.shape) != (2, cout, -(-height // stride), -(-width // stride)):
            raise Mismatch("The maps should be divided by the stride once, rounding up.", str(tuple(found.shape)))


def block_state(rng: Any, cin: int, cout: int) -> dict[str, torch.Tensor]:
    """Random weights and statistics under the names that the text gives."""
    state = {"depthwise.weight": rng.normal(cin, 1, 3, 3), "pointwise.weight": rng.normal(cout, cin, 1, 1)}
    for name, width in (("norm1", cin), ("norm2", cout)):
        state |= {f"{name}.weight": rng.normal(width), f"{name}.bias": rng.normal(width)}
        state |= {f"{name}.running_mean": rng.normal(width), f"{name}.running_var": rng.uniform(width, low=0.5, high=2)}
        state[f"{name}.num_batches_tracked"] = torch.tensor(3)
    return state


@question("repair_block", twin=REPAIRED, weight=2)
def test_order_of_the_steps(student, rng):
    """With given weights the block does depthwise, norm, ReLU, pointwise, norm, ReLU, in that order."""
    cin, cout = 4, 6
    block, state = student.RepairedBlock(cin, cout).eval(), block_state(rng, cin, cout)
    fitting = dict(state)
    for name, shape in block.shapes().items():  # a bias or a full kernel that was left over is another test's business
        if name in ("depthwise.bias", "pointwise.bias"):
            fitting[name] = torch.zeros(shape)
        elif name == "depthwise.weight" and tuple(shape) == (cin, cin, 3, 3):
            fitting[name] = torch.eye(cin)[:, :, None, None] * state[name]
    wear(block, fitting)
    x = rng.normal(2, cin, 7, 10)
    expected = repaired(state, x, 1)
    close(block(x), expected, rtol=1e-3, atol=1e-4)


@question("repair_block", twin=REPAIRED)
def test_the_whole_block(student, rng):
    """With exactly the weights that the text names the block has the right values, with and without a stride."""
    for cin, cout, stride in ((4, 6, 2), (1, 3, 1)):
        block, state = student.RepairedBlock(cin, cout, stride).eval(), block_state(rng, cin, cout)
        wear(block, state)
        for x in (rng.normal(10, 7, cin, 2).permute(3, 2, 1, 0), rng.normal(1, cin, 1, 1)):
            expected = repaired(state, x, stride)
            with unchanged(x):
                close(block(x), expected, rtol=1e-3, atol=1e-4)


def repaired(state: Mapping[str, torch.Tensor], x: torch.Tensor, stride: int) -> torch.Tensor:
    """What the block should give, in eval mode."""
    h = F.conv2d(x, state["depthwise.weight"], stride=stride, padding=1, groups=x.shape[1])
    h = F.relu(norm(h, state, "norm1"))
    return F.relu(norm(F.conv2d(h, state["pointwise.weight"]), state, "norm2"))


def norm(x: torch.Tensor, state: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    mean, var, weight, bias = (state[f"{name}.{leaf}"] for leaf in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, mean, var, weight, bias)


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_cost")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what the formulas give."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_cost", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


# -- trained_weights -------------------------------------------------------------------------


@question("trained_weights")
@pytest.mark.parametrize("least", [0.4, 0.6])
def test_accuracy(student, artifact, least):
    """The weights that you handed in get enough of the test images right."""
    images, labels = drawn_test_images(artifact.rng())
    artifact.reaches(least, "separable_weights.safetensors", lambda: student.MobileNet(10), images, labels)
