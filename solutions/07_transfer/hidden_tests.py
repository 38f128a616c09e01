"""Hidden tests of 07_transfer.

No blank calls another, so a mistake costs its own question only. What a function does to a network is seen by what
the network does afterwards: a frozen one is trained and has to stay, groups go to an optimizer that takes a step.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import Mismatch, Rng, close, gradient, public_twin, question, unchanged
from reference_models.graded_images import cifar10_test_set
from reference_models.graded_predictions import stands_as_locked
from reference_models.personal import own_labels

INPUTS = {
    "preprocess": {"images": "one, odd, even, oblong, view", "size": "one, odd, even"},
    "pet_labels": {"names": "one, odd, even"},
    "freeze": {},  # a network
    "extract_features": {"loader": "one, odd, even"},
    "train_linear_probe": {
        "features": "one, odd, even, oblong, view",
        "labels": "one, odd, even, duplicates",
        "classes": "one, odd, even",
        "steps": "one, odd, even, extreme",
        "weight_decay": "extreme",
    },
    "fine_tune_parameters": {},  # a network and two rates
    "repair_confusion": {
        "predictions": "one, odd, even, duplicates, view",
        "labels": "one, odd, even, duplicates, view",
        "classes": "one, odd, even",
    },
}

State = Mapping[str, torch.Tensor]

# -- preprocess ------------------------------------------------------------------------------


def photograph(*colours: tuple[int, int, int], columns: int = 1) -> torch.Tensor:
    """One image whose rows have one colour each."""
    return torch.tensor(colours, dtype=torch.uint8)[None, :, None].expand(1, -1, columns, 3).clone()


PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
ROWS = photograph((255, 0, 51), (204, 102, 0), (51, 153, 102), (0, 0, 255), columns=2)
LADDER = (torch.arange(4 * 4 * 3) * 5).to(torch.uint8).reshape(1, 4, 4, 3)
CUT = public_twin("preprocess", ROWS, 2, *PLAIN, drawn_as="image")
NORMALISED = public_twin("preprocess", ROWS[:, 1:3], 2, (0.4, 0.5, 0.2), (0.2, 0.5, 0.1), drawn_as="image")
RESIZED = public_twin("preprocess", LADDER, 2, *PLAIN, drawn_as="image")
ODD = public_twin("preprocess", torch.cat([ROWS, ROWS[:, :1]], dim=1), 2, *PLAIN, drawn_as="image")


def preprocessed(images: torch.Tensor, size: int, mean: Sequence[float], std: Sequence[float]) -> torch.Tensor:
    """The four steps in float64, one colour at a time."""
    height, width = images.shape[1:3]
    side = min(height, width)
    rows, columns = slice((height - side) // 2, (height + side) // 2), slice((width - side) // 2, (width + side) // 2)
    colours = []
    for colour, (m, s) in enumerate(zip(mean, std, strict=True)):
        plane = images[:, rows, columns, colour].double()[:, None] / 255
        colours.append((F.interpolate(plane, (size, size), mode="bilinear", antialias=True) - m) / s)
    return torch.cat(colours, dim=1).float()


def photographs(rng: Rng, n: int, height: int, width: int) -> torch.Tensor:
    return rng.integers(n, height, width, 3, high=256).to(torch.uint8)


def check_preprocess(
    student: Any, images: torch.Tensor, size: int, mean: Sequence[float], std: Sequence[float]
) -> None:
    with unchanged(images):
        found = student.preprocess(images, size, mean, std)
    close(found, preprocessed(images, size, mean, std), rtol=1e-3, atol=1e-4)


@question("preprocess", twin=NORMALISED, weight=2)
def test_colours_are_normalised(student, rng):
    """Values from 0 to 1, colours first, and every colour shifted and scaled by its own mean and deviation."""
    mean = [rng.number(0.2, 0.7) for _ in range(3)]
    std = [rng.number(0.1, 0.4) for _ in range(3)]
    check_preprocess(student, photographs(rng, 3, 6, 6), 6, mean, std)
    check_preprocess(student, photographs(rng, 1, 5, 5), 5, tuple(mean), tuple(std))


@question("preprocess", twin=CUT)
def test_middle_square(student, rng):
    """Of a photograph that is not square the largest square in the middle is kept, with nothing squashed."""
    for height, width in ((6, 10), (9, 5), (4, 12)):
        check_preprocess(student, photographs(rng, 2, height, width), min(height, width), *PLAIN)


@question("preprocess", twin=ODD)
def test_middle_of_odd_sizes(student, rng):
    """Where one row or column more has to go on one side, it goes below or at the right."""
    for height, width in ((5, 8), (8, 5), (3, 6)):
        check_preprocess(student, photographs(rng, 2, height, width), min(height, width), *PLAIN)


@question("preprocess", twin=RESIZED)
def test_resized_bilinearly(student, rng):
    """Smaller ones are averaged with antialiasing, larger ones interpolated; the photographs may be a view."""
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.25]
    check_preprocess(student, photographs(rng, 2, 12, 15), 5, mean, std)
    check_preprocess(student, photographs(rng, 1, 4, 4), 9, mean, std)
    check_preprocess(student, photographs(rng, 2, 7, 6), 1, mean, std)
    check_preprocess(student, photographs(rng, 1, 1, 1), 3, mean, std)
    check_preprocess(student, photographs(rng, 10, 2, 9).permute(1, 0, 2, 3), 4, *PLAIN)


# -- pet_labels ------------------------------------------------------------------------------

CATS = ["Abyssinian", "Bengal", "British_Shorthair", "Egyptian_Mau", "Maine_Coon", "Persian", "Russian_Blue", "Siamese"]
DOGS = ["american_bulldog", "basset_hound", "english_cocker_spaniel", "havanese", "japanese_chin",
        "miniature_pinscher", "pug", "scottish_terrier", "shiba_inu", "staffordshire_bull_terrier"]  # fmt: skip
FILES = public_twin(
    "pet_labels",
    ["pets/Sphynx_10.jpg", "pets/beagle_2.jpg", "pets/great_pyrenees_7.jpg", "pets/Birman_1.jpg", "pets/beagle_31.jpg",
     "pets/great_dane_4.jpg"],
)  # fmt: skip


def file_names(rng: Rng, breeds: Sequence[str], folder: str = "") -> list[str]:
    """A file of each breed, and one more of some."""
    order = [*rng.permutation(len(breeds)).tolist(), *rng.integers(5, high=len(breeds)).tolist()]
    return [f"{folder}{breeds[i]}_{rng.integer(1, 300)}.jpg" for i in order]


def some_of(breeds: Sequence[str], rng: Rng, count: int) -> list[str]:
    return [breeds[i] for i in rng.permutation(len(breeds))[:count]]


def check_names(student: Any, names: list[str]) -> None:
    bare = [name.split("/")[-1][: -len(".jpg")] for name in names]
    breed_of = [name[: name.rindex("_")] for name in bare]
    expected = sorted(set(breed_of), key=str.casefold)
    with unchanged(names):
        found = student.pet_labels(names)
    close(found, (torch.tensor([expected.index(breed) for breed in breed_of]), expected))


@question("pet_labels", twin=FILES, weight=2)
def test_labels_of_files(student, rng):
    """The breed is the name without folder, number and extension; its label is its place in the list of breeds."""
    check_names(student, file_names(rng, some_of(DOGS, rng, 8), "data/oxford_pets/images/"))
    check_names(student, file_names(rng, some_of(CATS, rng, 7), "images/"))  # capitals are the next test's business


@question("pet_labels", twin=FILES)
def test_breeds_are_in_alphabetical_order(student, rng):
    """The list is alphabetical, capitals or not, and does not depend on the order of the files."""
    names = file_names(rng, [*some_of(CATS + DOGS, rng, 4), "Ragdoll", "keeshond", "saint_bernard"], "images/")
    check_names(student, names)
    check_names(student, [names[i] for i in rng.permutation(len(names))])
    check_names(student, ["Maine_Coon_1.jpg", "Maine_Coon_2.jpg"])
    check_names(student, ["images/pug_7.jpg"])


# -- freeze ----------------------------------------------------------------------------------


def small_net(rng: Rng, outputs: int) -> nn.Sequential:
    """Images `(n, 2, H, W)` -> `(n, outputs)`, in train mode: convolution, batch norm that has seen data, dropout."""
    stem = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    net = nn.Sequential(stem, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(4, outputs))
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(rng.uniform(4, low=0.5, high=2.0))
        elif tensor.is_floating_point():
            tensor.copy_(rng.normal(*tensor.shape))
    return net


def in_eval(net: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Outputs in eval mode; the network is left there."""
    with torch.no_grad():
        return net.eval()(images)


def public_freeze(f: Any, remote: Any) -> list[Any]:
    """A public example: parts of a frozen network, and what batch norm knows after one more batch."""
    net = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)), nn.Dropout(0.5))
    model = remote.copy(net)
    if hasattr(remote, "probe"):
        remote.probe().with_gradients(model)
    returned = f.freeze(model)
    model(torch.tensor([[2.0], [6.0]]))
    if isinstance(model, nn.Module):
        rows = [(name, p.requires_grad, p.grad is not None) for name, p in model.named_parameters()]
        modes = {name: part.training for name, part in model.named_modules()}
    else:
        rows = [(row[0], row[3], row[4] is not None) for row in model.parameter_rows()]
        modes = model.modes()
    seen = int(model.state_dict()["0.1.num_batches_tracked"])
    return [rows, [modes[name] for name in ("0.0", "0.1", "1")], seen, "nothing" if returned is None else "a network"]


FREEZE = public_twin(
    run=public_freeze,
    describes="for Sequential(Sequential(Linear(1, 1), BatchNorm1d(1)), Dropout()) with gradients, frozen, then "
    "given one batch: (name, requires_grad, has a gradient) of each parameter; train mode of each layer; batches "
    "counted by batch norm; what was returned",
)


@question("freeze", twin=FREEZE, weight=2)
def test_no_parameter_asks_for_a_gradient(student, remote, rng):
    """No parameter of any part asks for a gradient, and all have the values that they had."""
    net = small_net(rng, 3)
    model, images = remote.copy(net), rng.image(4, 2, 6, 5)
    student.freeze(model)
    if any(row[3] for row in model.parameter_rows()):
        raise Mismatch("Some parameters still ask for a gradient.")
    close(model.eval()(images), in_eval(net, images))  # its mode is the next two tests' business
    close(model.state_dict(), dict(net.state_dict()))


@question("freeze", twin=FREEZE, weight=2)
def test_frozen_network_stays(student, remote, rng):
    """An optimizer with the parameters, old gradients and further batches leave weights and statistics as they were."""
    net = small_net(rng, 3)
    model = remote.copy(net)
    remote.probe().with_gradients(model)
    student.freeze(model)
    remote.probe().train_as_it_is(model, rng.image(6, 2, 5, 5))
    close(model.state_dict(), dict(net.state_dict()))


@question("freeze", twin=FREEZE)
def test_every_part_is_in_eval_mode(student, remote, rng):
    """Every part is in eval mode, dropout too, and the network itself is returned."""
    net = small_net(rng, 4)
    net[0][1].eval()
    model, images = remote.copy(net), rng.image(3, 2, 5, 7)
    frozen = student.freeze(model)
    if any(model.modes().values()):
        raise Mismatch("Some part of the network is still in train mode.")
    if not isinstance(frozen, type(model)):
        raise Mismatch("`freeze` should return the network.")
    close(frozen(images), in_eval(net, images))


@question("freeze", twin=FREEZE, forbids=True)
def test_gradients_still_flow_through(student, remote, rng):
    """The gradient of an output with respect to the image is what it was."""
    net = small_net(rng, 2)
    model, images = remote.copy(net), rng.image(2, 2, 5, 5)
    student.freeze(model)
    x = images.clone().requires_grad_()
    net.eval()(x).sum().backward()
    close(gradient(model.eval(), images, wrt=0), x.grad)


# -- extract_features ------------------------------------------------------------------------


def public_features(f: Any, remote: Any, training: bool) -> list[Any]:
    """A public example: a backbone that doubles, at rest, or in train mode but for one frozen part."""
    net = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1), nn.Dropout(0.5))
    net[0].weight.data.fill_(2.0)
    net.train(training)[1].eval()
    model = remote.copy(net)
    batches = [(torch.tensor([[1.0], [2.0]]), torch.tensor([5, 7])), (torch.tensor([[3.0]]), torch.tensor([6]))]
    features, labels = f.extract_features(model, remote.loader(batches))
    if isinstance(model, nn.Module):
        modes = {name: part.training for name, part in model.named_modules()}
    else:
        modes = model.modes()
    return [features, labels, [modes[name] for name in ("", "0", "1", "2")]]


def features_twin(training: bool) -> Any:
    mode = "train mode, but batch norm in eval mode" if training else "eval mode"
    return public_twin(
        run=lambda f, remote: public_features(f, remote, training),
        describes=f"for a backbone 2·x, a new batch norm, dropout, in {mode}, and batches ([[1], [2]], [5, 7]) and "
        "([[3]], [6]): features, labels, then train mode of the whole and of each part",
    )


FEATURES, RESTING = features_twin(True), features_twin(False)


def labelled_batches(rng: Rng, sizes: Sequence[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(rng.image(size, 2, 5, 6), rng.integers(size, high=9)) for size in sizes]


def check_features(student: Any, remote: Any, net: nn.Module, model: Any, sizes: Sequence[int], rng: Rng) -> None:
    batches = labelled_batches(rng, sizes)
    expected = in_eval(net, torch.cat([x for x, _ in batches])), torch.cat([y for _, y in batches])
    close(student.extract_features(model, remote.loader(batches)), expected)


@question("extract_features", twin=FEATURES, weight=2)
def test_features_and_labels_in_order(student, remote, rng):
    """Features of eval mode and labels of all batches, the smaller last one too, in the order of the loader."""
    for sizes, width in (((4, 4, 2), 5), ((3, 2), 2)):
        net = small_net(rng, width).eval()
        check_features(student, remote, net, remote.copy(net), sizes, rng)


@question("extract_features", twin=FEATURES)
def test_batches_of_one_image(student, remote, rng):
    """A batch of one image has one row of features, and one feature an image is a column."""
    for sizes, width in (((3, 1), 1), ((1,), 3)):
        net = small_net(rng, width).eval()
        check_features(student, remote, net, remote.copy(net), sizes, rng)


@question("extract_features", twin=FEATURES)
def test_training_backbone_is_left_as_it_was(student, remote, rng):
    """Features of a backbone in train mode are those of eval mode; afterwards all its parts are as they were."""
    net = small_net(rng, 3)
    net[0][1].eval()  # a frozen batch norm in a network that trains stays frozen
    model = remote.copy(net)
    with unchanged(model):
        check_features(student, remote, net, model, (3, 2), rng)


@question("extract_features", twin=RESTING)
def test_resting_backbone_is_left_as_it_was(student, remote, rng):
    """A backbone that comes in eval mode stays in it; statistics and gradients are as before."""
    net = small_net(rng, 3).eval()
    model = remote.copy(net)
    with unchanged(model):
        check_features(student, remote, net, model, (2, 4), rng)


@question("extract_features", weight=2)
def test_features_keep_their_labels(student, remote, rng):
    """With a loader that shuffles, each feature still stands beside the label that came with its image."""
    net, images = small_net(rng, 3), rng.image(17, 2, 5, 5)
    while float(torch.pdist(in_eval(net, images)).min()) < 1e-2:  # each image's features are its own
        net = small_net(rng, 3)
    loader = remote.probe().shuffling_loader(images, torch.arange(17), 4, rng.seed())
    found = student.extract_features(remote.copy(net), loader)
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Mismatch("`extract_features` should return two things: features and labels.")
    features, labels = found
    close(labels.sort().values if isinstance(labels, torch.Tensor) else labels, torch.arange(17))
    close(features, in_eval(net, images)[labels])


@question("extract_features", twin=FEATURES)
def test_features_keep_no_graph(student, remote, rng):
    """The features do not hang on a graph, and a second call gives the features of other images."""
    net = small_net(rng, 3)
    model = remote.copy(net)
    if remote.probe().features_keep_a_graph(model, remote.loader(labelled_batches(rng, (3, 2)))) is not False:
        raise Mismatch("The features depend on the weights through autograd: compute them under `torch.no_grad()`.")
    check_features(student, remote, net, model, (2, 3), rng)


# -- train_linear_probe ----------------------------------------------------------------------

POINTS = torch.tensor([[1.0, 0.0], [3.0, -1.0], [0.0, 2.0]])


def probe_twin(labels: Sequence[int], *arguments: Any) -> Any:
    """Shown: logits of a probe, for the two unit vectors and for zero."""
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    return public_twin(
        run=lambda f: f.train_linear_probe(POINTS, torch.tensor(labels), *arguments)(rows).detach(),
        shows=f"train_linear_probe(\n    torch.tensor([[1.0, 0], [3, -1], [0, 2]]), torch.tensor({list(labels)}), "
        f"*{list(arguments)}\n)("
        "torch.tensor([[1.0, 0], [0, 1], [0, 0]]))",
    )


ONE_STEP = probe_twin((0, 1, 1), 2, 1, 1.0, 0.0)
LINE = torch.linspace(-1, 1, 100)[:, None]
THREE_STEPS = public_twin(
    run=lambda f: f.train_linear_probe(LINE, (LINE[:, 0] > 0.3).long(), 2, 3, 1.0, 0.0)(LINE[::33]).detach(),
    shows="x = torch.linspace(-1, 1, 100)[:, None]\n"
    "train_linear_probe(x, (x[:, 0] > 0.3).long(), 2, 3, 1.0, 0.0)(x[::33])",
)
DECAY = probe_twin((0, 1, 1), 2, 3, 1.0, 0.5)
MORE_CLASSES = probe_twin((0, 1, 1), 4, 2, 1.0, 0.0)


def probe_weights(
    features: torch.Tensor, labels: torch.Tensor, classes: int, steps: int, lr: float, decay: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradient descent with gradients written out, in float64."""
    x, truth = features.double(), F.one_hot(labels, classes).double()
    weight, bias = x.new_zeros(classes, x.shape[1]), x.new_zeros(classes)
    for _ in range(steps):
        error = ((x @ weight.T + bias).softmax(dim=1) - truth) / len(x)
        weight, bias = weight - lr * (error.T @ x + decay * weight), bias - lr * error.sum(dim=0)
    return weight, bias


def check_probe(student: Any, rng: Rng, features: torch.Tensor, labels: torch.Tensor, *settings: Any) -> None:
    """The probe's logits for new features, and for zeros, where only the biases speak."""
    with unchanged(features, labels):
        probe = student.train_linear_probe(features, labels, *settings)
    weight, bias = probe_weights(features, labels, *settings)
    others = torch.cat([rng.normal(4, features.shape[1]), torch.zeros(1, features.shape[1])])
    close(probe(others), (others.double() @ weight.T + bias).float(), rtol=3e-4, atol=3e-5)


@question("train_linear_probe", twin=ONE_STEP)
def test_first_step(student, rng):
    """From zero, one step goes against the gradient of the mean cross-entropy; no step leaves all logits 0."""
    for n, width, classes in ((7, 4, 3), (12, 2, 2)):
        features, labels = rng.normal(n, width), rng.labels(n, classes)
        check_probe(student, rng, features, labels, classes, 1, rng.number(0.3, 0.8), 0.0)
        check_probe(student, rng, features, labels, classes, 0, 0.5, 0.0)


@question("train_linear_probe", twin=THREE_STEPS, weight=2)
def test_further_steps(student, rng):
    """Every step uses all features and a gradient of its own; there is no momentum and no chance."""
    features, labels = rng.normal(3, 11).T, rng.labels(11, 4)  # not contiguous
    for steps in (2, 7):
        check_probe(student, rng, features, labels, 4, steps, 0.9, 0.0)
    features, labels = rng.normal(150, 5), rng.labels(150, 3)
    check_probe(student, rng, features, labels, 3, 20, 1.5, 0.0)


@question("train_linear_probe", twin=DECAY, weight=2)
def test_weight_decay(student, rng):
    """Weight decay adds λ times the weights to their gradient, and nothing to that of the biases."""
    features, labels = rng.normal(9, 3, mean=0.5), torch.cat([torch.zeros(6), torch.ones(3)]).long()
    for decay in (0.4, 0.05):
        check_probe(student, rng, features, labels, 2, 6, 0.7, decay)


@question("train_linear_probe", twin=MORE_CLASSES)
def test_classes_that_do_not_occur(student, rng):
    """There are as many logits as `classes` says, also where some have no label; one label alone will do."""
    features = rng.normal(5, 3)
    check_probe(student, rng, features, rng.labels(5, 2), 6, 4, 0.5, 0.01)
    check_probe(student, rng, features[:1], torch.tensor([1]), 3, 4, 0.5, 0.0)
    check_probe(student, rng, features, torch.zeros(5, dtype=torch.int64), 1, 2, 0.5, 0.0)


# -- fine_tune_parameters --------------------------------------------------------------------


def network_with_head(rng: Rng, head: nn.Module) -> nn.Sequential:
    """A backbone of two parts, a head called `classifier`."""
    stem = nn.Sequential(nn.Conv2d(2, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU())
    parts = [("stem", stem), ("pool", nn.Flatten()), ("wide", nn.Linear(3, 5)), ("classifier", head)]
    net = nn.Sequential(OrderedDict(parts))
    for parameter in net.parameters():
        parameter.data = rng.normal(*parameter.shape)
    return net


def after_step(net: nn.Module, head_lr: float, backbone_lr: float) -> dict[str, torch.Tensor]:
    """The state after one step along gradients of ones."""
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            state[name] -= head_lr if name.split(".")[0] == "classifier" else backbone_lr
    return state


def check_groups(student: Any, remote: Any, net: nn.Module, head_lr: float, backbone_lr: float) -> None:
    model = remote.copy(net)
    with unchanged(model):
        student.fine_tune_parameters(model, head_lr, backbone_lr)
    remote.probe().step_with_groups(model, head_lr, backbone_lr)
    close(model.state_dict(), after_step(net, head_lr, backbone_lr))
    frozen = {name: not parameter.requires_grad for name, parameter in net.named_parameters()}
    if {row[0]: not row[3] for row in model.parameter_rows()} != frozen:
        raise Mismatch("Afterwards other parameters are frozen than before.")


def public_groups(f: Any, remote: Any, frozen: bool) -> list[Any]:
    """A public example: how far each parameter moves in one step along gradients of ones."""
    head = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    net = nn.Sequential(OrderedDict(stem=nn.Linear(2, 3), norm=nn.BatchNorm1d(3), classifier=head))
    net.stem.requires_grad_(not frozen)
    return steps_of(f, remote, net)


def steps_of(f: Any, remote: Any, net: nn.Module) -> list[Any]:
    """How far each parameter of a public network moves."""
    model = remote.copy(net)
    if hasattr(remote, "probe"):
        remote.probe().step_with_groups(model, 0.1, 0.02)
    else:
        optimizer = torch.optim.SGD(f.fine_tune_parameters(model, 0.1, 0.02), lr=100.0)
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
    before, after = net.state_dict(), model.state_dict()
    return [(name, round(float((before[name] - after[name]).mean()), 3)) for name, _ in net.named_parameters()]


def groups_twin(frozen: bool) -> Any:
    return public_twin(
        run=lambda f, remote: public_groups(f, remote, frozen),
        describes="how far each parameter moves in one step of SGD(fine_tune_parameters(model, 0.1, 0.02), lr=100) "
        f"along gradients of ones; stem: Linear{' (frozen)' if frozen else ''}, norm: BatchNorm1d, classifier: "
        "Sequential(Linear, ReLU, Linear)",
    )


ALL_GROUPS, FROZEN_GROUPS = groups_twin(False), groups_twin(True)


def public_names(f: Any, remote: Any) -> list[Any]:
    net = nn.Sequential(OrderedDict(preclassifier=nn.Linear(2, 2), classifier=nn.Linear(2, 2)))
    return steps_of(f, remote, net)


ALIKE_GROUPS = public_twin(
    run=public_names,
    describes="how far each parameter moves in one step of SGD(fine_tune_parameters(model, 0.1, 0.02), lr=100) along "
    "gradients of ones; preclassifier: Linear, classifier: Linear",
)


@question("fine_tune_parameters", twin=ALL_GROUPS, weight=2)
def test_head_and_backbone_have_their_rates(student, remote, rng):
    """Every parameter of the head moves at `head_lr`, every other one at `backbone_lr`, batch norm's too."""
    net = network_with_head(rng, nn.Linear(5, 2))
    check_groups(student, remote, net, rng.number(0.5, 0.9), rng.number(0.1, 0.3))
    check_groups(student, remote, net, rng.number(0.1, 0.2), rng.number(0.6, 0.9))


@question("fine_tune_parameters", twin=ALIKE_GROUPS)
def test_head_of_several_layers(student, remote, rng):
    """The head is all of `model.classifier`, may have several layers, and is no part that is called alike."""
    head = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3, bias=False))
    check_groups(student, remote, network_with_head(rng, head), 0.5, 0.125)
    backwards = nn.Sequential(OrderedDict([("classifier", nn.Linear(2, 3)), ("stem", nn.Linear(3, 2))]))
    check_groups(student, remote, backwards, 0.25, 0.75)
    inner = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), classifier=nn.Linear(3, 3)))  # another part's own
    parts = {"preclassifier": nn.Linear(2, 2), "trunk": inner, "classifier_norm": nn.BatchNorm1d(3)}
    alike = nn.Sequential(OrderedDict(**parts, classifier=nn.Linear(3, 2)))
    check_groups(student, remote, alike, 0.75, 0.25)


@question("fine_tune_parameters", twin=FROZEN_GROUPS, weight=2)
def test_frozen_parameters_stay_out(student, remote, rng):
    """What is frozen belongs to no group and stays frozen, in the backbone and in the head."""
    net = network_with_head(rng, nn.Linear(5, 2))
    net.stem.requires_grad_(False)
    check_groups(student, remote, net, 0.5, 0.25)
    net.wide.requires_grad_(False)
    net.classifier.bias.requires_grad_(False)
    check_groups(student, remote, net, 0.5, 0.25)


# -- repair_confusion ------------------------------------------------------------------------

PAIRS = public_twin("confusion_matrix", torch.tensor([0, 2, 2, 2, 0, 1, 0]), torch.tensor([0, 0, 0, 1, 2, 2, 0]), 3)
NO_LAST = public_twin("confusion_matrix", torch.tensor([1, 2, 0, 1]), torch.tensor([0, 0, 1, 1]), 4)


def counted(predictions: torch.Tensor, labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Pair by pair."""
    pairs = Counter(zip(labels.tolist(), predictions.tolist(), strict=True))
    return torch.tensor([[pairs[i, j] for j in range(classes)] for i in range(classes)])


def check_counts(student: Any, predictions: torch.Tensor, labels: torch.Tensor, classes: int) -> None:
    with unchanged(predictions, labels):
        found = student.confusion_matrix(predictions, labels, classes)
    close(found, counted(predictions, labels, classes))


# Three mistakes are to be found. Each has a test that the two others pass, so that each one found earns its share.


@question("repair_confusion", twin=PAIRS, weight=2)
def test_pairs_that_occur_often(student, rng):
    """Every image counts, however many have the same two classes: all entries add up to N."""
    a, b = rng.integers(40, high=4), rng.integers(40, high=4)
    a[:4] = torch.arange(4)  # every class occurs
    check_counts(student, torch.cat([b, a]), torch.cat([a, b]), 4)  # and each is taken for each as often as the reverse


@question("repair_confusion", twin=PAIRS, weight=2)
def test_rows_are_true_classes(student, rng):
    """Entry (i, j) is about images of class i that were taken for class j."""
    classes = 6
    labels, predictions = torch.triu_indices(classes, classes)  # each pair once, none with its reverse
    order = rng.permutation(len(labels))
    check_counts(student, predictions[order], labels[order], classes)


@question("repair_confusion", twin=NO_LAST, weight=2)
def test_as_many_rows_as_classes(student, rng):
    """There are as many rows and columns as `classes` says, also where the last classes do not occur."""
    pairs = torch.cartesian_prod(torch.arange(3), torch.arange(3))[rng.permutation(9)]  # each pair and its reverse once
    for classes in (4, 7):
        check_counts(student, pairs[:, 0], pairs[:, 1], classes)


@question("repair_confusion", twin=PAIRS)
def test_every_pair_is_counted(student, rng):
    """Entry (i, j) counts every image of class i that was taken for class j, for any number of images and classes."""
    for n, classes in ((60, 3), (200, 10)):
        labels = rng.labels(n, classes)
        guessed = torch.where(rng.uniform(n) < 0.5, labels, (labels + 1) % classes)
        check_counts(student, guessed, labels, classes)
    check_counts(student, torch.full((9,), 1), rng.labels(9, 2), 2)
    check_counts(student, torch.zeros(3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64), 1)
    check_counts(student, rng.labels(20, 5), rng.integers(20, low=0, high=3), 5)
    check_counts(student, rng.integers(20, high=2), rng.labels(20, 4), 6)
    check_counts(student, torch.tensor([2]), torch.tensor([1]), 4)
    both = rng.integers(15, 2, high=3)
    check_counts(student, *both.T, 3)


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_transfer")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what follows from the definitions."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_transfer", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


@question("quiz")
@pytest.mark.parametrize("number", [4])
def test_own_number(student, reference, variant, number):
    """It is counted down the column: of those called dogs, how many are dogs."""
    answer = student.value(f"quiz_{number}")
    if not variant:  # an earlier release, which asked everybody the same
        close(answer, getattr(reference, f"quiz_{number}"))
        return
    own = own_labels(variant)
    close(answer, 100 * own.matrix[1][1] / sum(row[1] for row in own.matrix), atol=0.1)


# -- transfer_predictions --------------------------------------------------------------------


@question("transfer_predictions")
@pytest.mark.parametrize("least", [0.65, 0.75])
def test_accuracy(artifact, least):
    """The predictions that you handed in get enough of the cats and dogs of CIFAR-10's test set right."""
    _, labels = cifar10_test_set()
    species = labels[(labels == 3) | (labels == 5)]  # cats and dogs, in the order of the test set
    artifact.predicts(least, "transfer_predictions.csv", (species == 5).long())
