"""Hidden tests of 06_two_networks.

Structure is proven by weights: the same numbers go into the student's network and into ours, and the outputs have
to agree. `SmallResNet` is judged with a stand-in for `BasicBlock` (probes.py), so that a mistake
there is paid for once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import Mismatch, Rng, StudentError, close, gradient, public_twin, question, unchanged
from reference_models.graded_predictions import stands_as_locked

INPUTS = {
    "basic_block": {"x": "one, odd, even, oblong, view", "stride": "one, even"},
    "small_resnet": {"images": "one, odd, even, oblong, view", "classes": "odd, even"},
    "rotate_batch": {"images": "one, odd, even, view"},  # squares: all turns of one batch go into one tensor
    "penultimate_features": {"images": "one, odd, even, oblong, view"},
    "class_activation_map": {
        "features": "one, odd, even, oblong, extreme, view",
        "weight": "one, odd, even, oblong, extreme",
        "label": "odd, even, extreme",
    },
    "nearest_neighbours": {
        "queries": "one, odd, even, oblong, view",
        "gallery": "one, odd, even, oblong, duplicates, extreme, view",
        "k": "one, odd, even",
    },
    "repair_knn": {"features": "odd, even, duplicates, view", "labels": "odd, even, duplicates", "k": "one, odd, even"},
}

State = dict[str, torch.Tensor]


def wear(module: Any, state: Mapping[str, torch.Tensor]) -> None:
    """Load weights into the student's module; where they do not fit, say so, not that torch raised."""
    try:
        module.load_state_dict(dict(state))
    except StudentError as error:
        raise Mismatch(
            "Weights of the names and shapes that the text gives cannot be loaded: look at channels, biases and names.",
            str(error),
        ) from error


def norm_state(rng: Rng, name: str, width: int) -> State:
    """Random weights and statistics of a batch norm."""
    return {
        f"{name}.weight": rng.uniform(width, low=0.5, high=2.0),
        f"{name}.bias": rng.normal(width),
        f"{name}.running_mean": rng.normal(width),
        f"{name}.running_var": rng.uniform(width, low=0.5, high=2.0),
        f"{name}.num_batches_tracked": torch.tensor(3),
    }


# -- basic_block -----------------------------------------------------------------------------


def block_state(rng: Rng, cin: int, cout: int, stride: int) -> State:
    """Random weights of a block, under the names that the text gives."""
    state = {"conv1.weight": rng.normal(cout, cin, 3, 3) / 3, "conv2.weight": rng.normal(cout, cout, 3, 3) / 3}
    state |= norm_state(rng, "norm1", cout) | norm_state(rng, "norm2", cout)
    if stride != 1 or cin != cout:
        state |= {"shortcut.0.weight": rng.normal(cout, cin, 1, 1)} | norm_state(rng, "shortcut.1", cout)
    return state


def normed(x: torch.Tensor, state: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    mean, var, weight, bias = (state[f"{name}.{leaf}"] for leaf in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, mean, var, weight, bias)


def block_output(state: Mapping[str, torch.Tensor], x: torch.Tensor, stride: int) -> torch.Tensor:
    """The formula of the text, in eval mode."""
    h = F.relu(normed(F.conv2d(x, state["conv1.weight"], stride=stride, padding=1), state, "norm1"))
    h = normed(F.conv2d(h, state["conv2.weight"], padding=1), state, "norm2")
    if "shortcut.0.weight" in state:
        x = normed(F.conv2d(x, state["shortcut.0.weight"], stride=stride), state, "shortcut.1")
    return F.relu(h + x)


def public_block(f: Any, cin: int, stride: int) -> torch.Tensor:
    """A public example: a small map through a block of two channels, weights written out."""
    block = f.BasicBlock(cin, 2, stride).eval()
    state = {name: torch.ones_like(tensor) for name, tensor in block.state_dict().items()}
    state |= {name: torch.zeros_like(tensor) for name, tensor in state.items() if name.endswith(("bias", "mean"))}
    state["conv2.weight"] = -0.1 * state["conv2.weight"]
    block.load_state_dict(state)
    with torch.no_grad():
        return block(torch.arange(-6.0, 6.0).repeat(cin).reshape(1, cin, 3, 4))[0, 0]


def block_twin(cin: int, stride: int) -> Any:
    return public_twin(
        run=lambda f: public_block(f, cin, stride),
        drawn_as="map",
        describes=f"first map of BasicBlock({cin}, 2, {stride}).eval() for {cin} maps of 3×4 numbers −6, −5, …, 5; all "
        "weights and variances 1 (conv2: −0.1), all biases and means 0",
    )


BLOCK_PARTS = public_twin(
    run=lambda f: [
        [
            (name, tuple(tensor.shape))
            for name, tensor in sorted(block.state_dict().items())
            if "conv" in name or "cut" in name
        ]
        for block in (f.BasicBlock(2, 2), f.BasicBlock(2, 2, 2), f.BasicBlock(2, 3))
    ],
    describes="names and shapes in the state dicts of BasicBlock(2, 2), BasicBlock(2, 2, 2) and BasicBlock(2, 3): "
    "convolutions and shortcut",
)
BLOCK_SAME, BLOCK_STRIDE = block_twin(2, 1), block_twin(1, 2)


@question("basic_block", twin=BLOCK_PARTS, forbids=True)
def test_parts_of_the_block(student, rng):
    """Two 3×3 convolutions without biases, two batch norms, and shortcut weights only where the shape changes."""
    width = rng.integer(2, 6)
    for cin, cout, stride in ((width, width, 1), (width, width + 3, 1), (width + 2, width + 2, 2)):
        statistics = ("running_mean", "running_var", "num_batches_tracked")
        state = block_state(rng, cin, cout, stride)
        expected = {name: tuple(tensor.shape) for name, tensor in state.items() if not name.endswith(statistics)}
        if student.BasicBlock(cin, cout, stride).shapes() != expected:
            changes = "changes its shape" if "shortcut.0.weight" in state else "keeps its shape"
            raise Mismatch(f"A block that {changes} should have exactly the weights that the table names.")


@question("basic_block", twin=BLOCK_SAME, weight=2)
def test_block_that_keeps_the_shape(student, rng):
    """With given weights the block is ReLU of the correction plus the input itself, which is not changed in place."""
    check_block(student, rng, 4, 4, 1, rng.normal(1, 4, 6, 5), rng.normal(10, 7, 4, 2).permute(3, 2, 1, 0))


@question("basic_block", twin=BLOCK_STRIDE, weight=2)
def test_block_that_changes_the_shape(student, rng):
    """The first convolution and the shortcut's have the stride, and the shortcut's batch norm counts."""
    for cin, cout, stride in ((3, 5, 2), (2, 4, 1), (3, 3, 2)):
        check_block(student, rng, cin, cout, stride, rng.normal(2, cin, 7, 10), rng.normal(1, cin, 6, 5))


def check_block(student: Any, rng: Rng, cin: int, cout: int, stride: int, *inputs: torch.Tensor) -> None:
    block, state = student.BasicBlock(cin, cout, stride).eval(), block_state(rng, cin, cout, stride)
    wear(block, state)
    for x in inputs:
        expected = block_output(state, x, stride)
        with unchanged(x):
            close(block(x), expected, rtol=1e-3, atol=1e-4)


# -- small_resnet ----------------------------------------------------------------------------


class StandInBlock(nn.Module):
    """As in probes.py."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.layer = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.layer(x)).relu()


class ResidualBlock(nn.Module):
    """The real block, for a network that does not look `BasicBlock` up when it is made."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.first = StandInBlock(in_channels, out_channels, stride)
        self.second = nn.Sequential(
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False), nn.BatchNorm2d(out_channels)
        )
        self.way = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.way.append(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False))
            self.way.append(nn.BatchNorm2d(out_channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.second(self.first(x)) + self.way(x)).relu()


class Network(nn.Module):
    """The table of the text, with either block."""

    def __init__(
        self,
        block: Callable[..., nn.Module],
        classes: int = 10,
        widths: tuple[int, ...] = (32, 64, 128, 256),
        blocks: int = 1,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.stages = nn.ModuleList()
        for before, width, stride in zip((widths[0], *widths), widths, (1, 2, 2, 2, 2), strict=False):
            rest = [block(width, width, 1) for _ in range(1, blocks)]
            self.stages.append(nn.Sequential(block(before, width, stride), *rest))
        self.classifier = nn.Linear(widths[-1], classes)

    def maps(self, x: torch.Tensor) -> list[torch.Tensor]:
        found = [self.stem(x)]
        for stage in self.stages:
            found.append(stage(found[-1]))
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.maps(x)[-1].mean(dim=(2, 3)))


class Wardrobe:
    """The same random numbers for all layers of one kind and shape: neither names nor order of layers matter."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._numbers: dict[tuple[Any, ...], torch.Tensor] = {}

    def state_for(self, shapes: Mapping[str, tuple[int, ...]]) -> State:
        """Weights for a network whose state dict has these shapes."""
        state = {}
        for name, shape in shapes.items():
            layer, _, leaf = name.rpartition(".")
            is_norm = f"{layer}.running_var" in shapes
            key = (is_norm, leaf, tuple(shape))
            if key not in self._numbers:
                self._numbers[key] = self._draw(*key)
            state[name] = self._numbers[key]
        return state

    def _draw(self, is_norm: bool, leaf: str, shape: tuple[int, ...]) -> torch.Tensor:
        if leaf == "num_batches_tracked":
            return torch.tensor(3)
        if leaf == "running_var" or (is_norm and leaf == "weight"):
            return self._rng.uniform(*shape, low=0.5, high=2.0)
        fan = torch.Size(shape[1:]).numel() if leaf == "weight" else 10
        return self._rng.normal(*shape) * (2 / fan) ** 0.5


def same_shapes(student: Any, remote: Any, *arguments: Any) -> tuple[Any, nn.Module]:
    """The student's network, and ours (without numbers) with the block that theirs is made of."""
    remote.probe().use_stand_ins()
    theirs = student.SmallResNet(*arguments)
    found = sorted(theirs.shapes().values())
    for block in (StandInBlock, ResidualBlock):
        with torch.device("meta"):
            ours = Network(block, *arguments)
        if found == sorted(tuple(parameter.shape) for parameter in ours.parameters()):
            return theirs, ours
    raise Mismatch(
        "The network's parameters have other shapes than those of the table: look at the widths, the blocks of each "
        "stage, biases, the number of classes, and whether every layer is registered."
    )


def dressed_pair(student: Any, remote: Any, rng: Rng, *arguments: Any) -> tuple[Any, Network]:
    """The student's network and ours with the same weights, in eval mode."""
    theirs, ours = same_shapes(student, remote, *arguments)
    wardrobe = Wardrobe(rng)
    for module in (ours, theirs):
        shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
        state = wardrobe.state_for(shapes)
        if module is ours:
            ours.load_state_dict(state, assign=True)
        else:
            wear(theirs, state)
    theirs.eval()
    return theirs, ours.eval()


def public_sizes(f: Any) -> list[tuple[int, ...]]:
    """A public example: shapes of the logits and of the maps after stem and stages."""
    network = f.SmallResNet(3, (2, 4, 5), 2).eval()
    part = getattr if isinstance(network, nn.Module) else lambda handle, name: handle.get(name)
    x = torch.zeros(1, 3, 9, 16)
    shapes = [tuple(network(x).shape), tuple(part(network, "stem")(x).shape)]
    return [*shapes, tuple(part(network, "stages")(part(network, "stem")(x)).shape)]


SIZES = public_twin(
    run=public_sizes,
    describes="SmallResNet(3, (2, 4, 5), 2) on one 9×16 image: shapes of the logits, of stem(x) and of stages(stem(x))",
)


@question("small_resnet", builds_on=["basic_block"], twin=SIZES, forbids=True)
def test_default_widths(student, remote):
    """By default there is one block a stage, at 32, 64, 128 and 256 channels, with as many logits as asked for."""
    same_shapes(student, remote, 7)


@question("small_resnet", builds_on=["basic_block"], twin=SIZES, weight=2)
def test_same_function_with_one_block(student, remote, rng):
    """With the same weights in every layer the logits are those of the table's network, for any image size."""
    theirs, ours = dressed_pair(student, remote, rng, 10, (3, 5, 6, 7))
    check_logits(theirs, ours, rng.normal(2, 3, 16, 24), rng.normal(1, 3, 9, 7))


@question("small_resnet", builds_on=["basic_block"], twin=SIZES)
def test_same_function_with_more_blocks(student, remote, rng):
    """With more blocks only the first of a stage has the stride, and any number of stages works."""
    theirs, ours = dressed_pair(student, remote, rng, 5, (4, 6, 12), 3)
    check_logits(theirs, ours, rng.normal(13, 8, 3, 2).permute(3, 2, 1, 0))  # not contiguous


@question("small_resnet", builds_on=["basic_block"], twin=SIZES)
def test_stem_and_stages(student, remote, rng):
    """`stem` ends with its ReLU and keeps the size, and `stages` gives the maps of which the mean is taken."""
    theirs, ours = dressed_pair(student, remote, rng, 10, (4, 5, 3))
    x = rng.normal(2, 3, 10, 6)
    maps = without_graph(ours.maps, x)
    stem = theirs.get("stem")(x)
    close(stem, maps[0], rtol=1e-3, atol=1e-4)
    for number, expected in enumerate(maps[1:]):
        stem = theirs.get("stages").get(str(number))(stem)
        close(stem, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))


def without_graph(function: Callable[..., Any], x: torch.Tensor) -> Any:
    with torch.no_grad():
        return function(x)


def check_logits(theirs: Any, ours: nn.Module, *inputs: torch.Tensor) -> None:
    for x in inputs:
        expected = without_graph(ours, x)
        with unchanged(x):
            found = theirs(x)
        close(found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))


# -- rotate_batch ----------------------------------------------------------------------------

TURNS = public_twin("rotate_batch", torch.arange(1.0, 10.0).reshape(1, 1, 3, 3), drawn_as="image")
TWO_TURNED = public_twin("rotate_batch", torch.tensor([[[[1.0, 2], [3, 4]]], [[[10, 20], [30, 40]]]]), drawn_as="image")


def quarter_turn(images: torch.Tensor) -> torch.Tensor:
    """Anticlockwise: the last column becomes the first row."""
    return images.transpose(2, 3).flip(2)


def all_turns(images: torch.Tensor) -> torch.Tensor:
    turned = [images]
    for _ in range(3):
        turned.append(quarter_turn(turned[-1]))
    return torch.cat(turned)


def rotated(student: Any, images: torch.Tensor) -> tuple[Any, Any]:
    found = student.rotate_batch(images)
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Mismatch("`rotate_batch` should return two things: images and labels.")
    return found[0], found[1]


@question("rotate_batch", twin=TURNS, weight=2)
def test_turned_images(student, rng):
    """All images as they are, then all turned by 90° anticlockwise, by 180° and by 270°."""
    for n, channels, side in ((3, 2, 5), (1, 3, 4), (2, 1, 6), (1, 1, 3), (3, 3, 3)):
        images = rng.image(n, channels, side, side)
        close(rotated(student, images)[0], all_turns(images), atol=0)


@question("rotate_batch", twin=TWO_TURNED)
def test_rotation_labels(student, rng):
    """The labels are the quarter turns, int64, in the order of the images: N zeros, N ones, N twos, N threes."""
    for n in (5, 1):
        labels = rotated(student, rng.image(n, 1, 3, 3))[1]
        close(labels, torch.tensor([0] * n + [1] * n + [2] * n + [3] * n))


@question("rotate_batch", twin=TWO_TURNED)
def test_rotation_leaves_its_input(student, rng):
    """A non-contiguous float64 batch works like any other, keeps its dtype, and the caller's images are not changed."""
    images = rng.normal(4, 4, 2, 3, dtype=torch.float64).permute(3, 2, 0, 1)
    with unchanged(images):
        turned, _ = rotated(student, images)
    close(turned, all_turns(images), atol=0)


# -- penultimate_features --------------------------------------------------------------------


def head_network(rng: Rng) -> nn.Sequential:
    """Maps, batch norm, dropout, and two linear layers, the last one inside a part of its own; random statistics."""
    body = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    head = nn.Sequential(nn.Linear(16, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3))
    body[1].load_state_dict({name[2:]: tensor for name, tensor in norm_state(rng, "n", 4).items()})
    return nn.Sequential(body, head)


def features_of(network: nn.Sequential, x: torch.Tensor) -> torch.Tensor:
    """What enters the last layer of `head_network`, or of another chain, in eval mode."""
    layers = [layer for part in network.eval() for layer in (part if isinstance(part, nn.Sequential) else [part])]
    with torch.no_grad():
        return nn.Sequential(*layers[:-1])(x)


def public_network() -> nn.Sequential:
    """A batch norm with a running mean of 1, two linear layers; weights written out."""
    network = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3))
    nn.init.ones_(network[0].running_mean)
    for layer in (network[1], network[3]):
        nn.init.constant_(layer.weight, 0.5)
        nn.init.constant_(layer.bias, 0.25)
    return network


def public_features(f: Any, remote: Any) -> list[Any]:
    model = remote.copy(public_network())
    found = f.penultimate_features(model, torch.tensor([[1.0, 5.0], [3.0, 1.0]]))
    return [found, model.state_dict()["0.running_mean"]]


FEATURES = public_twin(
    run=public_features,
    describes="penultimate_features of nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3)) "
    "in train mode for [[1, 5], [3, 1]], and the running mean afterwards; running mean and variance 1, weights 0.5, "
    "biases 0.25",
)


def public_softmax(f: Any, remote: Any) -> torch.Tensor:
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3), nn.Softmax(dim=1))
    for layer in (network[0], network[2]):
        nn.init.constant_(layer.weight, 0.5)
        nn.init.constant_(layer.bias, 0.25)
    return f.penultimate_features(remote.copy(network), torch.tensor([[1.0, 5.0], [3.0, 1.0]]))


AFTERWARDS = public_twin(
    run=public_softmax,
    describes="penultimate_features of nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3), nn.Softmax(dim=1)) "
    "for [[1, 5], [3, 1]]; weights 0.5, biases 0.25",
)


@question("penultimate_features", twin=FEATURES, weight=2)
def test_input_of_the_last_linear_layer(student, remote, rng):
    """Features are what enters the last linear layer in eval mode, also of a network that comes in train mode."""
    for n, training in ((4, True), (1, False)):
        network, x = head_network(rng), rng.image(n, 2, 6, 7)
        model = remote.copy(network.train(training))
        with unchanged(x):
            close(student.penultimate_features(model, x), features_of(network, x), dtype="any-float")
    narrow = nn.Sequential(nn.Flatten(), nn.Linear(8, 1), nn.Tanh(), nn.Linear(1, 3))
    x = rng.image(3, 2, 2, 2)  # one feature of each image: (3, 1)
    close(student.penultimate_features(remote.copy(narrow), x), features_of(narrow, x), dtype="any-float")


@question("penultimate_features")
def test_whatever_forward_does(student, remote, rng):
    """What `forward` does between the layers counts: here a mean over positions and a factor."""
    for n in (3, 1):
        x = rng.image(5, 7, 2, n).permute(3, 2, 1, 0)  # not contiguous
        weight, bias = rng.normal(4, 2, 3, 3), rng.normal(4)
        expected = 2 * F.conv2d(x, weight, bias).relu().mean(dim=(2, 3))
        found = student.penultimate_features(plaited(remote, rng, weight, bias, "Plaited"), x)
        close(found, expected, dtype="any-float")


@question("penultimate_features", twin=AFTERWARDS)
def test_whatever_comes_after_the_last_layer(student, remote, rng):
    """What `forward` does after the last linear layer, here a softmax, is no part of the features."""
    x, weight, bias = rng.image(4, 2, 5, 6), rng.normal(4, 2, 3, 3), rng.normal(4)
    found = student.penultimate_features(plaited(remote, rng, weight, bias, "PlaitedWithSoftmax"), x)
    close(found, 2 * F.conv2d(x, weight, bias).relu().mean(dim=(2, 3)), dtype="any-float")


def plaited(remote: Any, rng: Rng, weight: torch.Tensor, bias: torch.Tensor, kind: str) -> Any:
    """A network of probes.py with these weights before its head, and a head of random ones."""
    model = remote.probe().plaited(kind)
    wear(
        model,
        {"maps.weight": weight, "maps.bias": bias, "answer.weight": rng.normal(3, 4), "answer.bias": rng.normal(3)},
    )
    return model


@question("penultimate_features", twin=FEATURES)
def test_model_is_left_as_it_was(student, remote, rng):
    """Afterwards weights, running means, gradients and the mode of every part are as before, and no hook is left."""
    network = head_network(rng)
    network[0][1].eval()  # a frozen batch norm in a network that trains stays frozen
    model, x = remote.copy(network), rng.image(3, 2, 5, 5)
    with unchanged(model):
        found = student.penultimate_features(model, x)
    close(found, features_of(network, x), dtype="any-float")
    if remote.probe().hooks_left(model) != 0:
        raise Mismatch("A hook is still registered on the model after the call: remove it by its handle.")


@question("penultimate_features", twin=FEATURES)
def test_called_twice_and_without_a_graph(student, remote, rng):
    """A second call with other images gives their features, and no graph for gradients is kept."""
    network = head_network(rng)
    model, other = remote.copy(network), rng.image(2, 2, 5, 6)
    student.penultimate_features(model, rng.image(2, 2, 5, 6))
    close(student.penultimate_features(model, other), features_of(network, other), dtype="any-float")
    try:
        gradient(student.penultimate_features, model, other, wrt=1)
    except StudentError:
        return
    raise Mismatch("The features depend on the images through autograd: compute them under `torch.no_grad()`.")


# -- class_activation_map --------------------------------------------------------------------

MAPS = torch.tensor([[[1.0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 2, 4]]])
WEIGHT = torch.tensor([[3.0, -1], [0.5, 2], [0, 0]])
RAW = public_twin("activation_map", MAPS, WEIGHT, 1, drawn_as="map")
PICTURE = public_twin("class_activation_map", MAPS, WEIGHT, 0, (4, 6), drawn_as="map")
CONSTANT = public_twin("class_activation_map", MAPS, WEIGHT, 2, (2, 3), drawn_as="map")


def raw_map(features: torch.Tensor, weight: torch.Tensor, label: int) -> torch.Tensor:
    return (weight[label][:, None, None] * features).sum(dim=0)


def picture_of(raw: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    large = F.interpolate(raw[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    return (large - large.min()) / (large.max() - large.min())


@question("class_activation_map", twin=RAW, weight=2)
def test_raw_map(student, rng):
    """Each map is weighed by the class's weight for it, and all are added up."""
    # as many classes as channels once: rows and columns are not the same; one channel, one row, one position
    for channels, h, w in ((5, 4, 4), (3, 2, 6), (1, 3, 5), (4, 1, 5), (2, 3, 1), (3, 1, 1)):
        features, weight, label = rng.normal(channels, h, w), rng.normal(5, channels), rng.integer(0, 5)
        with unchanged(features, weight):
            found = student.activation_map(features, weight, label)
        close(found, raw_map(features, weight, label), dtype="any-float", rtol=1e-3)


@question("class_activation_map", twin=RAW)
def test_mean_of_the_map_is_the_logit(student, rng):
    """The mean of the raw map plus the bias is the logit, for every class; the map is linear in the features."""
    features, weight, bias = rng.normal(6, 3, 5), rng.normal(4, 6), rng.normal(4)
    logits = F.linear(features.mean(dim=(1, 2)), weight, bias)
    for label in range(4):
        found = student.activation_map(features, weight, label)
        close(found, torch.zeros(3, 5), dtype="any-float", atol=float("inf"))  # numbers, before their mean is taken
        close(found.mean() + bias[label], logits[label], dtype="any-float", rtol=1e-3)
    close(student.activation_map(-2 * features, weight, 3), -2 * found, dtype="any-float", rtol=1e-3)


@question("class_activation_map", twin=PICTURE, weight=2)
def test_picture(student, rng):
    """The map is enlarged bilinearly to height and width, then scaled: smallest value 0, largest 1."""
    for size, dtype in (((9, 14), torch.float32), ((8, 5), torch.float64), ((1, 7), torch.float32)):
        features, weight = rng.normal(3, 4, 6, dtype=dtype).transpose(0, 2), rng.normal(4, 6, dtype=dtype)
        label = rng.integer(0, 4)
        with unchanged(features, weight):
            found = student.class_activation_map(features, weight, label, size)
        close(found, picture_of(raw_map(features, weight, label), size), dtype="any-float", rtol=2e-4)
    features, weight = rng.uniform(3, 4, 4, low=0.1), rng.uniform(2, 3, low=-1, high=-0.2)
    for scale in (1e-3, 1e3):  # small, large and all negative
        found = student.class_activation_map(scale * features, weight, 1, (7, 7))
        close(found, picture_of(raw_map(features, weight, 1), (7, 7)), dtype="any-float", rtol=1e-3, atol=1e-4)


@question("class_activation_map", twin=CONSTANT)
def test_constant_map(student, rng):
    """A map that is the same everywhere becomes all 0: nothing is divided by zero."""
    features, weight = rng.normal(3, 4, 4), rng.normal(4, 3)
    weight[2] = 0
    close(student.class_activation_map(features, weight, 2, (8, 6)), torch.zeros(8, 6), dtype="any-float")
    one = torch.full((3, 1, 1), 2.0)
    for size in ((4, 8), (1, 1)):
        found = student.class_activation_map(one, torch.ones(2, 3), 1, size)
        close(found, torch.zeros(size), dtype="any-float")


# -- nearest_neighbours ----------------------------------------------------------------------

SEVENTHS = torch.linspace(-1, 1, 64).reshape(8, 8) / 7
GALLERY = torch.tensor([[3.0, 0], [0, 4], [6, 8], [-1, 0]])
NEAR = public_twin("nearest_neighbours", torch.tensor([[3.0, 4.0], [1.0, 0.0]]), GALLERY, 2, "euclidean")
THEMSELVES = public_twin(
    run=lambda f: [f.nearest_neighbours(SEVENTHS, SEVENTHS, 1, "euclidean")[0].isfinite().all().item()],
    describes="whether all distances of nearest_neighbours(x, x, 1, 'euclidean') are finite numbers; "
    "x = torch.linspace(-1, 1, 64).reshape(8, 8) / 7",
)
ALIKE = public_twin("nearest_neighbours", torch.tensor([[3.0, 4.0], [1.0, 0.0]]), GALLERY, 3, "cosine")


def distance_matrix(queries: torch.Tensor, gallery: torch.Tensor, metric: str) -> torch.Tensor:
    """`(Q, G)` in float64."""
    q, g = queries.double(), gallery.double()
    if metric == "cosine":
        return (
            1
            - (q / q.norm(dim=1, keepdim=True).clamp_min(1e-12)) @ (g / g.norm(dim=1, keepdim=True).clamp_min(1e-12)).T
        )
    return (q[:, None] - g[None]).pow(2).sum(dim=2).sqrt()


def check_neighbours(
    student: Any, queries: torch.Tensor, gallery: torch.Tensor, k: int, metric: str, atol: float = 2e-3
) -> None:
    """Distances as expected, and indices that lead to these distances: equal ones may come in any order.

    atol: of the distances. Where a row is compared with itself, rounding of the squares leaves its root.
    """
    with unchanged(queries, gallery):
        found = student.nearest_neighbours(queries, gallery, k, metric)
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Mismatch("`nearest_neighbours` should return two things: distances and indices.")
    distances, indices = found
    every = distance_matrix(queries, gallery, metric)
    expected = every.sort(dim=1).values[:, :k].float()
    close(distances, expected, dtype="any-float", rtol=1e-3, atol=atol)
    if not is_index(indices, expected):
        close(indices, torch.zeros(expected.shape, dtype=torch.int64))  # says what is wrong with its form
    if int(indices.min()) < 0 or int(indices.max()) >= len(gallery):
        raise Mismatch("Some indices are no rows of the gallery.")
    if any(len(set(row)) < k for row in indices.tolist()):
        raise Mismatch("A row of the gallery occurs twice among the neighbours of one query.")
    if bool(((every.gather(1, indices) - expected).abs() > 2 * atol).any()):
        raise Mismatch("The distances are right, but the indices do not lead to the rows at these distances.")


def is_index(found: Any, like: torch.Tensor) -> bool:
    return isinstance(found, torch.Tensor) and found.shape == like.shape and found.dtype == torch.int64


@question("nearest_neighbours", twin=NEAR, weight=2)
def test_euclidean_neighbours(student, rng):
    """The k smallest Euclidean distances, not squared, nearest first, and the rows of the gallery they belong to."""
    check_neighbours(student, rng.normal(6, 5), rng.normal(30, 5, std=2.0), 5, "euclidean")
    check_neighbours(student, rng.normal(3, 4), rng.normal(3, 4), 3, "euclidean")  # all of a gallery
    check_neighbours(student, rng.normal(3, 4), rng.normal(1, 4), 1, "euclidean")


@question("nearest_neighbours", twin=ALIKE, weight=2)
def test_cosine_neighbours(student, rng):
    """Cosine distance is 1 − cosine of the angle, whatever the lengths; a row of zeros is at distance 1."""
    queries, gallery = rng.normal(6, 5), rng.normal(30, 5) * rng.uniform(30, 1, low=0.1, high=10.0)
    check_neighbours(student, queries, gallery, 4, "cosine")
    gallery[7] = 0
    check_neighbours(student, queries, gallery, 30, "cosine")


@question("nearest_neighbours", twin=NEAR)
def test_one_query_and_any_layout(student, rng):
    """One query, one neighbour, and non-contiguous tensors work; a query that is in the gallery finds itself."""
    gallery = rng.normal(4, 12).T
    for metric in ("euclidean", "cosine"):
        check_neighbours(student, gallery[5:6], gallery, 1, metric)
        check_neighbours(student, rng.normal(4, 3).T, gallery[::2], 2, metric)


@question("nearest_neighbours", twin=THEMSELVES)
def test_rows_that_occur_twice(student, rng):
    """A query that stands in the gallery, once or several times, is at distance 0, and each row is named once."""
    rows = rng.normal(40, 6)
    gallery = torch.cat([rows, rows[:8], rows[:4]])[rng.permutation(52)]
    for metric in ("euclidean", "cosine"):
        for k in (1, 4):  # of forty roots of squares that should be 0 some would be roots of less than 0
            check_neighbours(student, rows, gallery, k, metric, atol=3e-2)


@question("nearest_neighbours")
def test_many_pairs(student, rng):
    """Three hundred queries against a thousand rows take well under a second: there is no loop over pairs."""
    queries, gallery = rng.normal(300, 3), rng.normal(1000, 3)
    distances, _ = student.nearest_neighbours(queries, gallery, 1, "euclidean")
    close(distances, torch.cdist(queries, gallery).amin(dim=1, keepdim=True), dtype="any-float", rtol=1e-2, atol=5e-3)


# -- repair_knn ------------------------------------------------------------------------------

VOTES = public_twin(
    "knn_classify",
    torch.tensor([[1.0, 0], [9, 1], [3, 1], [1, 3], [0, 1], [1, 9]]),
    torch.tensor([0, 0, 6, 6, 12, 12]),
    1,
)
TWINS = public_twin(
    "knn_classify",
    torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1], [3, 4], [3, 4]]),
    torch.tensor([0, 1, 2, 3, 4, 5]),
    1,
)
WEIGHED = public_twin(
    "knn_classify",
    torch.tensor([[1.0, 0], [10, 1], [10, -1], [1, 3], [1, 3.5], [1, 4], [-5, 1], [-5, 2]]),
    torch.tensor([0, 0, 0, 1, 1, 1, 2, 2]),
    5,
)
LONG = public_twin(
    "knn_classify", torch.tensor([[1.0, 0], [9, 1], [300, 100], [1, 3], [0, 1]]), torch.tensor([0, 0, 7, 7, 7]), 3
)


def clear_features(rng: Rng, n: int, dimensions: int, k: int) -> torch.Tensor:
    """Rows whose k-th and (k+1)-th neighbours are clearly apart, so that rounding decides no vote."""
    while True:
        features = rng.normal(dimensions, n).T  # not contiguous
        ranked = neighbours_of(features)[0]
        if k == n - 1 or float((ranked[:, k] - ranked[:, k - 1]).min()) > 1e-4:
            return features


def neighbours_of(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each row the cosine distances of the others, sorted, and which they are."""
    distances = distance_matrix(features, features, "cosine").fill_diagonal_(torch.inf)
    ranked = distances.sort(dim=1)
    return ranked.values[:, :-1], ranked.indices[:, :-1]


def check_votes(found: Any, features: torch.Tensor, labels: torch.Tensor, k: int) -> None:
    """Each answer has as many votes as any: equal votes may go either way."""
    near = labels[neighbours_of(features)[1][:, :k]]
    votes = F.one_hot(near, int(labels.max()) + 1).sum(dim=1)
    winner = votes.argmax(dim=1)
    if not is_index(found, winner):
        close(found, winner)  # says what is wrong with its form
    inside = (found >= 0) & (found < votes.shape[1])
    tied = votes.gather(1, found.clamp(0, votes.shape[1] - 1)[:, None])[:, 0] == votes.amax(dim=1)
    close(torch.where(inside & tied, winner, found), winner)


def telling_labels(rng: Rng, features: torch.Tensor, k: int) -> torch.Tensor:
    """Labels 0, 1, 2 under which the median of the neighbours' class numbers loses a vote, and their mean another."""
    nearest = neighbours_of(features)[1][:, :k]
    while True:
        labels = rng.labels(len(features), 3)
        near = labels[nearest]
        votes = F.one_hot(near, 3).sum(dim=1)
        median, mean = near.median(dim=1).values, near.double().mean(dim=1).round().long()
        loses = [votes.gather(1, x[:, None])[:, 0] < votes.amax(dim=1) for x in (median, mean)]
        if loses[0].any() and (loses[1] & ~loses[0]).any():
            return labels


# Three mistakes are to be found. Each has a test that the two others pass, so that each one found earns its share.


def even_features(rng: Rng, n: int, dimensions: int, k: int) -> torch.Tensor:
    """Rows of length one and columns of equal length, so that it does not matter over which of them one normalises."""
    while True:
        features = rng.normal(n, dimensions, dtype=torch.float64)
        for _ in range(200):
            features = F.normalize(F.normalize(features, dim=0), dim=1)
        ranked = neighbours_of(features)[0]
        if float((ranked[:, k] - ranked[:, k - 1]).min()) > 1e-4:
            return features.float()


def groups_of_images(rng: Rng, groups: int, members: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows in tight groups along orthogonal directions, in random order, and the group of each."""
    group = torch.arange(groups).repeat_interleave(members)[rng.permutation(groups * members)]
    return torch.eye(groups)[group] + 0.1 * rng.uniform(len(group), groups), group


@question("repair_knn", twin=VOTES, weight=2)
def test_no_image_votes_for_itself(student, rng):
    """An image has no vote for itself: with k = 1 its answer is the class of the nearest other image."""
    for n, k in ((20, 1), (24, 3)):
        features = even_features(rng, n, 6, k)
        labels = torch.arange(n)[rng.permutation(n)] % 2
        check_votes(student.knn_classify(features, labels, k), features, labels, k)


@question("repair_knn", twin=LONG, weight=2)
def test_length_of_features_is_no_matter(student, rng):
    """Images of one kind find each other however long their features are; one odd label among them is outvoted."""
    features, group = groups_of_images(rng, 4, 6)
    labels = group.clone()
    for number in range(4):
        odd = (group == number).nonzero()[int(rng.integer(0, 6)), 0]
        labels[odd] = (number + 1) % 4  # whoever returns the labels is wrong here
    lengths = torch.logspace(-1.3, 1.3, 24)[rng.permutation(24)]
    close(student.knn_classify(features * lengths[:, None], labels, 3), group)


@question("repair_knn", twin=VOTES, weight=2)
def test_classes_are_no_amounts(student, rng):
    """The most frequent class wins, however classes are numbered: it is no mean of their numbers."""
    features, group = groups_of_images(rng, 3, 6)
    labels = torch.tensor([12, 3, 7])[group]
    for number in range(3):
        two = (group == number).nonzero()[rng.permutation(6)[:2], 0]
        labels[two] = 20 + number  # four of a kind and two others in every group, of whom five vote
    expected = torch.tensor([12, 3, 7])[group]
    close(student.knn_classify(features, labels, 5), expected)


@question("repair_knn", twin=VOTES)
def test_votes_of_the_others(student, rng):
    """The most frequent class among the k nearest other images wins, also where all others vote."""
    for n, k, numbers in ((24, 5, (0, 1, 2)), (9, 1, (3, 0, 17, 11)), (7, 6, (4, 1))):  # at last all others vote
        features = clear_features(rng, n, 6, k)
        labels = telling_labels(rng, features, k) if k == 5 else torch.tensor(numbers)[rng.labels(n, len(numbers))]
        with unchanged(features, labels):
            found = student.knn_classify(features, labels, k)
        check_votes(found, features, labels, k)


@question("repair_knn", twin=TWINS)
def test_votes_of_identical_images(student, rng):
    """Where two images have equal features each votes for the other, and neither for itself."""
    base, order = even_features(rng, 12, 6, 2), rng.permutation(24)
    features, labels = torch.cat([base, base])[order], (torch.arange(24) // 12)[order]  # twins of two classes
    for k in (1, 3):  # its twin; its twin and the next pair
        check_votes(student.knn_classify(features, labels, k), features, labels, k)


@question("repair_knn", twin=WEIGHED)
def test_every_vote_counts_alike(student, rng):
    """Each of the k neighbours has one vote, however near it is."""
    features, labels = few_near_many_far(rng)
    found = student.knn_classify(features, labels, 5)
    if not is_index(found, labels):
        close(found, labels)  # says what is wrong with its form
    close(found[0], labels[0])


def few_near_many_far(rng: Rng) -> tuple[torch.Tensor, torch.Tensor]:
    """Images of which the first has two near neighbours of class 0 and three far ones of class 1, its own."""
    while True:
        first, *others = torch.linalg.qr(rng.normal(8, 8)).Q
        near = [first + 0.05 * other for other in others[:2]]
        far = [0.35 * first + other for other in others[2:5]]
        away = [other - 0.8 * first + 0.3 * rng.normal(8) for other in others]
        features = torch.stack([first, *near, *far, *away])
        ranked = neighbours_of(features)[0]
        if float((ranked[:, 5] - ranked[:, 4]).min()) > 1e-4 and bool((neighbours_of(features)[1][0, :5] < 6).all()):
            return features, torch.tensor([1, 0, 0, 1, 1, 1, *[0] * 7])


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_networks")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what follows from the definitions."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_networks", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))
