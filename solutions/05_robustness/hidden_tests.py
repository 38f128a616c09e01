"""Hidden tests of 05_robustness.

Values are compared with formulas written another way here, in float64 where it matters. `crop_predictions` stands on
`sliding_crops`: where its answer is wrong, it is asked once more with the right crops put in place (probes.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import Mismatch, StudentError, close, public_twin, question, unchanged
from reference_models.graded_predictions import stands_as_locked
from reference_models.personal import own_window

ANY = "one, odd, even, oblong, view"
INPUTS = {
    "sliding_crops": {"image": ANY, "size": "one, odd, even", "stride": "one, odd, even"},
    "crop_predictions": {"image": ANY, "size": "one, odd, even", "stride": "one, odd, even"},
    "crop_stability": {"probabilities": f"{ANY}, duplicates"},
    "place_object": {"background": ANY, "foreground": ANY, "mask": f"{ANY}, extreme", "angle": "extreme"},
    "accuracy_by_factor": {"values": "one, odd, even, duplicates"},
    "expected_calibration_error": {"probabilities": f"{ANY}, duplicates, extreme", "bins": "one, odd, even"},
    "repair_resolution": {"images": ANY, "labels": "one, odd, even", "resolution": "one, odd, even"},
}

# -- sliding_crops ---------------------------------------------------------------------------

LADDER = torch.arange(30).reshape(1, 5, 6)
CROPS = public_twin("sliding_crops", LADDER, 3, 2, drawn_as="image")
CROPS_EXACT = public_twin(
    run=lambda f: f.sliding_crops(LADDER, 5, 1)[1],
    shows="sliding_crops(torch.arange(30).reshape(1, 5, 6), 5, 1)[1]",
)


def windows(image: torch.Tensor, size: int, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops and corners by `unfold`."""
    grid = image.unfold(1, size, stride).unfold(2, size, stride)  # (C, rows, cols, size, size)
    rows, cols = grid.shape[1:3]
    corners = torch.cartesian_prod(torch.arange(rows), torch.arange(cols)) * stride
    return grid.permute(1, 2, 0, 3, 4).flatten(0, 1), corners


@question("sliding_crops", twin=CROPS, weight=2)
def test_crops_and_corners(student, rng):
    """Every crop inside the image, in reading order, and row and column of its top left pixel."""
    for channels, height, width, size, stride in ((3, 9, 12, 4, 2), (2, 11, 8, 3, 3), (2, 7, 10, 2, 1)):
        image = rng.normal(channels, height, width)
        close(student.sliding_crops(image, size, stride), windows(image, size, stride))


@question("sliding_crops", twin=CROPS_EXACT)
def test_last_crop_where_the_stride_lands(student, rng):
    """The last crop touches the border only where the stride lands there; a crop may be as high as the image."""
    for height, width, size, stride in (
        (5, 5, 2, 1), (6, 6, 3, 1), (8, 11, 4, 4), (5, 9, 5, 3), (9, 6, 6, 2), (6, 7, 2, 5)
    ):  # fmt: skip
        image = rng.normal(3, height, width)
        close(student.sliding_crops(image, size, stride), windows(image, size, stride))


@question("sliding_crops", twin=CROPS)
def test_crops_of_any_image(student, rng):
    """Whole numbers and non-contiguous images keep their values and dtype, sides of 1 stay, nothing is changed."""
    for channels, height, width, size, stride in ((1, 4, 4, 4, 1), (3, 1, 6, 1, 2), (1, 5, 1, 1, 1), (1, 1, 1, 1, 1)):
        image = rng.normal(channels, height, width)
        close(student.sliding_crops(image, size, stride), windows(image, size, stride))
    whole = rng.integers(3, 6, 8, high=255).to(torch.uint8)
    strided = rng.normal(7, 8, 3, dtype=torch.float64).permute(2, 1, 0)
    for image in (whole, strided):
        with unchanged(image):
            found = student.sliding_crops(image, 3, 2)
        close(found, windows(image, 3, 2))


# -- crop_predictions ------------------------------------------------------------------------


def small_net(rng: Any, classes: int, gain: float = 3.0) -> nn.Sequential:
    """Any image size to `classes` logits; batch norm with statistics of its own, dropout, in train mode."""
    layers = [nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    net = nn.Sequential(*layers, nn.Dropout(0.5), nn.Linear(4, classes))
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(rng.uniform(4, low=0.5, high=2.0))
        elif tensor.is_floating_point():
            tensor.copy_(rng.normal(*tensor.shape))
    net[6].weight.data *= gain
    return net


def answers(net: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits in eval mode; the network is left there."""
    with torch.no_grad():
        return net.eval()(images)


def prediction_map(net: nn.Module, image: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """The map, one crop at a time."""
    rows = range(0, image.shape[1] - size + 1, stride)
    cols = range(0, image.shape[2] - size + 1, stride)
    crops = torch.stack([image[:, top : top + size, left : left + size] for top in rows for left in cols])
    return answers(net, crops).softmax(dim=1).reshape(len(rows), len(cols), -1)


def check_map(student: Any, remote: Any, model: Any, case: tuple[torch.Tensor, int, int], expected: Any) -> None:
    """The student's map is right with their own crops or else with the right ones."""
    try:
        close(student.crop_predictions(model, *case), expected)
    except (Mismatch, StudentError):
        remote.probe().use_crops(*case, *windows(*case))
        close(student.crop_predictions(model, *case), expected)


def colour_map(f: Any, remote: Any) -> torch.Tensor:
    """A public example: the logits are the mean red, green and blue of a crop."""
    image = torch.zeros(3, 4, 6)
    image[0, :2], image[1, 2:], image[2, :, 4:] = 3.0, 3.0, 6.0
    colours = remote.copy(nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    return f.crop_predictions(colours, image, 2, 2)


COLOUR_MAP = public_twin(
    run=colour_map,
    drawn_as="image",
    describes="crop_predictions(model, image, 2, 2); 4×6 image: upper half red 3, lower half green 3, last two columns "
    "blue 6 as well; model: new batch norm (in train mode), mean over the crop",
)


@question("crop_predictions", twin=COLOUR_MAP, weight=2)
def test_map_of_probabilities(student, remote, rng):
    """At row i and column j of the map stands the softmax over the classes for the crop at grid position (i, j)."""
    for height, width, size, stride, classes in ((9, 12, 4, 3, 5), (8, 6, 3, 1, 2)):
        net, image = small_net(rng, classes), rng.image(3, height, width)
        model = remote.copy(net)
        expected = prediction_map(net, image, size, stride)
        check_map(student, remote, model, (image, size, stride), expected)


@question("crop_predictions", twin=COLOUR_MAP)
def test_model_is_examined_not_changed(student, remote, rng):
    """Weights, running statistics, gradients and every part's mode are as before, whatever they were."""
    net, image = small_net(rng, 3), rng.image(3, 6, 8)
    net[1].eval()  # a frozen batch norm in a network that trains stays frozen
    training, resting = remote.copy(net), remote.copy(net.eval())
    expected = prediction_map(net, image, 4, 2)
    for model in (training, resting):
        with unchanged(model, image):
            check_map(student, remote, model, (image, 4, 2), expected)


@question("crop_predictions", twin=COLOUR_MAP)
def test_one_crop_and_large_logits(student, remote, rng):
    """A window as high as the image gives a map of one row; logits of a thousand give no NaN; a second call agrees."""
    net, image = small_net(rng, 4, gain=1000.0), rng.normal(6, 5, 3).permute(2, 1, 0)
    model = remote.copy(net)
    close(prediction_map(net, image, 5, 1).shape[:2], (1, 2))
    for part, size, stride in ((image, 5, 2), (image, 5, 1), (image, 5, 1), (image[:, :1], 1, 2)):
        expected = prediction_map(net, part, size, stride)
        check_map(student, remote, model, (part, size, stride), expected)


# -- crop_stability --------------------------------------------------------------------------


def two_classes(*second: float) -> torch.Tensor:
    """A map of one row from the second class's probabilities."""
    p = torch.tensor([second])
    return torch.stack([1 - p, p], dim=2)


STABILITY = public_twin("crop_stability", two_classes(0.9, 0.6, 0.55, 0.1))
STABILITY_VOTES = public_twin(  # two votes for class 1, two for class 2; most probability for class 0
    "crop_stability",
    torch.tensor([[[0.4, 0.6, 0.0], [0.3, 0.7, 0.0], [0.45, 0.0, 0.55], [0.45, 0.0, 0.55], [0.9, 0.1, 0.0]]]),
)
STABILITY_ONE = public_twin("crop_stability", two_classes(0.3))


def stability(probabilities: torch.Tensor) -> tuple[float, float]:
    """Agreement and spread, by Python's numbers."""
    crops = probabilities.double().flatten(0, 1).tolist()
    votes = [max(range(len(p)), key=p.__getitem__) for p in crops]
    winner = max(sorted(set(votes)), key=votes.count)
    of_winner = [p[winner] for p in crops]
    mean = math.fsum(of_winner) / len(crops)
    spread = math.sqrt(math.fsum((p - mean) ** 2 for p in of_winner) / len(crops))
    return votes.count(winner) / len(crops), spread


@question("crop_stability", twin=STABILITY, weight=2)
def test_agreement_and_spread(student, rng):
    """Share of the crops that vote for the most common class, and the deviation of its probability over all crops."""
    for rows, cols, classes in ((4, 5, 3), (3, 2, 10), (1, 7, 2)):
        probabilities = rng.probabilities(rows, cols, classes)
        with unchanged(probabilities):
            found = student.crop_stability(probabilities)
        close(found, stability(probabilities))


@question("crop_stability", twin=STABILITY_VOTES)
def test_votes_decide(student, rng):
    """The winner has most votes, not most probability; among equals it is the class with the smallest number."""
    weak, strong = rng.uniform(3, low=0.51, high=0.55), rng.uniform(2, low=0.9, high=0.99)
    second = torch.cat([1 - strong, weak])[rng.permutation(5)]  # two strong votes for class 0, three weak ones for 1
    votes = torch.stack([1 - second, second, torch.zeros(5)], dim=1)
    narrow = torch.cat([torch.tensor([[0.05, 0.05, 0.9]]), votes])[None]  # the first crop is alone with its class
    close(student.crop_stability(narrow), stability(narrow))
    tie = torch.zeros(2, 3, 4)  # classes 1 and 3 with three votes each
    order = rng.permutation(6)
    tie.flatten(0, 1)[order, torch.tensor([3, 1, 1, 3, 3, 1])] = rng.uniform(6, low=0.6, high=0.9)
    tie[..., 0] = 1 - tie.sum(dim=2)
    close(student.crop_stability(tie), stability(tie))


@question("crop_stability", twin=STABILITY_ONE)
def test_stability_of_one_crop(student, rng):
    """One crop agrees with itself and has no spread; so do many crops that are all alike; a map may be a view."""
    one = rng.probabilities(1, 1, 6)
    close(student.crop_stability(one), (1.0, 0.0))
    close(student.crop_stability(one.expand(3, 4, 6)), (1.0, 0.0))
    probabilities = rng.probabilities(6, 4, 3).permute(1, 0, 2)
    close(student.crop_stability(probabilities), stability(probabilities))


# -- place_object ----------------------------------------------------------------------------

STAGE = torch.zeros(1, 4, 8)
FLAG = torch.tensor([[[1.0, 0.5], [0.25, 0.0]]])
WHOLE = torch.ones(1, 2, 2)


def shifted_twin(location: tuple[float, float], scale: float, angle: float) -> Any:
    """Shown: a 2×2 object with four different shades on a black 4×8 background."""
    return public_twin("place_object", STAGE, FLAG, WHOLE, location, scale, angle, drawn_as="image")


PASTED = shifted_twin((0.25, 0.75), 4 / 32, 0.0)
SCALED = shifted_twin((0.5, 0.5), 16 / 32, 0.0)
TURNED = shifted_twin((0.5, 0.75), 4 / 32, 90.0)
OBLIQUE = shifted_twin((0.5, 0.5), 8 / 32, 30.0)
CUT_OFF = shifted_twin((0.0, 1.0), 12 / 32, 30.0)
SOFT = torch.tensor([[[1.0, 0.5], [0.0, 1.0]]])
MASKED = public_twin(
    "place_object", 0.5 * torch.ones(1, 2, 4), torch.ones(1, 2, 2), SOFT, (0.5, 0.5), 0.8, 0.0, drawn_as="image"
)


def placed(
    background: torch.Tensor,
    foreground: torch.Tensor,
    mask: torch.Tensor,
    location: tuple[float, float],
    scale: float,
    angle: float,
) -> torch.Tensor:
    """The image in float64, by an affine map of the frame's normalised coordinates."""
    _, height, width = background.shape
    _, h, w = foreground.shape
    zoom = (scale * height * width / (h * w)) ** 0.5
    a = math.radians(angle)
    turn = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]], dtype=torch.float64)
    theta = torch.diag(torch.tensor([2 / w, 2 / h], dtype=torch.float64)) @ turn / zoom
    theta = theta @ torch.diag(torch.tensor([width / 2, height / 2], dtype=torch.float64))
    centre = torch.tensor([2 * location[1] - 1, 2 * location[0] - 1], dtype=torch.float64)
    theta = torch.cat([theta, -(theta @ centre)[:, None]], dim=1)
    grid = F.affine_grid(theta[None], [1, 1, height, width], align_corners=False)
    both = torch.cat([mask * foreground, mask]).double()[None]
    *cut_out, m = F.grid_sample(both, grid, padding_mode="zeros", align_corners=False)[0]
    return (torch.stack(cut_out) + (1 - m) * background.double()).float()


def check_placed(student: Any, case: Sequence[Any]) -> None:
    expected = placed(*case)
    close(student.place_object(*case), expected, rtol=1e-3, atol=1e-3)


@question("place_object", twin=PASTED)
def test_pasted_as_it_is(student, rng):
    """At its own size, upright and with its centre between pixels, the object is copied to where `location` says."""
    background, foreground, mask = rng.image(3, 10, 16), rng.image(3, 4, 6), torch.ones(1, 4, 6)
    top, left = rng.integer(0, 4), rng.integer(6, 10)
    expected = background.clone()
    expected[:, top : top + 4, left : left + 6] = foreground
    found = student.place_object(background, foreground, mask, ((top + 2) / 10, (left + 3) / 16), 24 / 160, 0.0)
    close(found, expected, rtol=1e-3, atol=1e-3)


@question("place_object", twin=MASKED)
def test_mask_decides_what_is_seen(student, rng):
    """Where the mask is 0 the background stays, where it is 1 the object stands, between it is a mixture."""
    background, foreground = rng.image(3, 8, 12), rng.image(3, 6, 4)
    for mask in (rng.uniform(1, 6, 4), rng.uniform(1, 6, 4).round()):
        check_placed(student, (background, foreground, mask, (0.5, 0.5), 24 / 96, 0.0))
    check_placed(student, (background, foreground, rng.uniform(1, 6, 4), (0.4, 0.6), 0.5, 0.0))
    grey = rng.image(1, 7, 1), rng.image(1, 1, 1), rng.uniform(1, 1, 1)  # one channel, one column, one pixel
    check_placed(student, (*grey, (0.3, 0.5), 0.4, 0.0))


@question("place_object", twin=SCALED, weight=2)
def test_scale_is_an_area(student, rng):
    """The frame covers `scale` of the background's area, and keeps the object's proportions."""
    background, foreground, mask = rng.image(3, 9, 14), rng.image(3, 5, 3), torch.ones(1, 5, 3)
    for scale in (rng.number(0.05, 0.1), rng.number(0.3, 0.45), rng.number(1.2, 2.0)):
        check_placed(student, (background, foreground, mask, (0.5, 0.5), scale, 0.0))


@question("place_object", twin=TURNED)
def test_quarter_turns_are_anticlockwise(student, rng):
    """Turned by 90, 180 and 270 degrees the object is that of `torch.rot90`, about its own centre."""
    background, foreground, mask = rng.image(3, 12, 10), rng.image(3, 4, 4), torch.ones(1, 4, 4)
    top, left = rng.integer(0, 3), rng.integer(4, 7)
    for turns in (1, 2, 3):
        expected = background.clone()
        expected[:, top : top + 4, left : left + 4] = foreground.rot90(turns, (1, 2))
        location = ((top + 2) / 12, (left + 2) / 10)
        found = student.place_object(background, foreground, mask, location, 16 / 120, 90.0 * turns)
        close(found, expected, rtol=1e-3, atol=1e-3)


@question("place_object", twin=OBLIQUE)
def test_any_angle_about_its_own_centre(student, rng):
    """Any angle, also beyond a full turn, with an object that is not square, on a background that is not."""
    background, foreground = (rng.image(w, h, 3).permute(2, 1, 0) for h, w in ((11, 15), (4, 7)))  # not contiguous
    mask = rng.uniform(7, 4, 1).T
    for location, angle in (((0.5, 0.5), rng.number(20, 70)), ((0.3, 0.7), -rng.number(10, 80)), ((0.6, 0.4), 400.0)):
        check_placed(student, (background, foreground, mask, location, rng.number(0.2, 0.5), angle))


@question("place_object", twin=CUT_OFF)
def test_beyond_the_border_it_is_cut_off(student, rng):
    """What lies beyond the border is cut off, far outside only the background is left; nothing is changed in place."""
    background, foreground, mask = rng.image(3, 8, 13), rng.image(3, 6, 5), rng.uniform(1, 6, 5)
    for location in ((0.02, 0.9), (1.0, 0.0)):
        with unchanged(background, foreground, mask):
            check_placed(student, (background, foreground, mask, location, 0.4, 25.0))
    close(student.place_object(background, foreground, mask, (3.0, -2.0), 0.2, 0.0), background)


# -- accuracy_by_factor ----------------------------------------------------------------------


def flat_net(rng: Any, pixels: int, classes: int) -> nn.Sequential:
    """Batch norm, then one weight for each number of an image of so many pixels: its answers vary with every image."""
    net = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * pixels, classes))
    net[0].running_mean.copy_(rng.normal(3))
    net[0].running_var.copy_(rng.uniform(3, low=0.3, high=3.0))
    net[3].weight.data, net[3].bias.data = rng.normal(classes, 3 * pixels), rng.normal(classes)
    return net


def noisy_images(value: float, seed: int, count: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """As in probes.py."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 3, 5, 4, generator=generator)
    images[:, 0] += value
    return images, torch.randint(classes, (count,), generator=generator)


def accuracies(net: nn.Module, values: Sequence[float], seed: int, count: int, classes: int) -> list[float]:
    """Share of right answers in eval mode at each value, on the same draws."""
    found = []
    for value in values:
        images, labels = noisy_images(value, seed, count, classes)
        found.append(float((answers(net, images).argmax(dim=1) == labels).double().mean()))
    return found


def public_factor(f: Any, remote: Any) -> list[float]:
    """A public example: logits are the mean red, green and blue of noise, made redder by the value."""

    def factory(value: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return noisy_images(value, generator.initial_seed(), 20, 1)

    colours = remote.copy(nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    made = remote.probe().noisy_factory(20, 1) if hasattr(remote, "probe") else factory
    return f.accuracy_by_factor(colours, made, [0.5, -0.5, 0.0], 3)


FACTOR = public_twin(
    run=public_factor,
    drawn_as="curve",
    describes="accuracy_by_factor(model, factory, [0.5, -0.5, 0.0], seed=3); factory: 20 images of noise drawn "
    "from the generator, red raised by the value, all of class 0; model: new batch norm (in train mode), then the "
    "means of red, green and blue as logits",
)


@question("accuracy_by_factor", twin=FACTOR, weight=2)
def test_accuracy_at_each_value(student, remote, rng):
    """One accuracy between 0 and 1 for each value, in the order of the values, of the images made there."""
    for values, classes in (([0.4, -1.0, 2.5, 0.0, -0.3], 3), ([1.5, 0.7], 2), ([-0.6], 4)):
        net, seed = flat_net(rng, 20, classes), rng.seed()
        model, factory = remote.copy(net.eval()), remote.probe().noisy_factory(97, classes)
        found = student.accuracy_by_factor(model, factory, values, seed)
        close(found, accuracies(net, values, seed, 97, classes))


@question("accuracy_by_factor", twin=FACTOR)
def test_every_value_has_the_same_draws(student, remote, rng):
    """At every value the factory gets a new generator with the given seed, so equal values have equal accuracies."""
    net = flat_net(rng, 20, 3)
    model, factory = remote.copy(net.eval()), remote.probe().noisy_factory(83, 3)
    for seed in (rng.seed(), rng.seed()):
        found = student.accuracy_by_factor(model, factory, [0.2] * 6, seed)
        close(found, accuracies(net, [0.2], seed, 83, 3) * 6)
    seed, factory = rng.seed(), remote.probe().noisy_factory(1, 3)  # one image at each value: right or wrong
    close(student.accuracy_by_factor(model, factory, [0.5] * 4, seed), accuracies(net, [0.5], seed, 1, 3) * 4)


@question("accuracy_by_factor", twin=FACTOR)
def test_factors_leave_the_model_alone(student, remote, rng):
    """The network is examined in eval mode; weights, statistics, gradients and every part's mode are as before."""
    net, values, seed = flat_net(rng, 20, 4), [0.1, -0.8, 1.0, 0.5, -0.2, 0.3], rng.seed()
    net[0].eval()  # one frozen part
    training, resting = remote.copy(net), remote.copy(net.eval())
    expected = accuracies(net, values, seed, 61, 4)
    for model in (training, resting):
        with unchanged(model):
            found = student.accuracy_by_factor(model, remote.probe().noisy_factory(61, 4), values, seed)
        close(found, expected)


# -- repair_resolution -----------------------------------------------------------------------


def resized_accuracy(net: nn.Module, images: torch.Tensor, labels: torch.Tensor, resolution: int) -> float:
    """Share of right answers in eval mode, all images in one batch."""
    resized = F.interpolate(images, size=(resolution, resolution), mode="bilinear", antialias=True)
    return float((answers(net, resized).argmax(dim=1) == labels).double().mean())


def labels_near(net: nn.Module, images: torch.Tensor, resolution: int, rng: Any, classes: int) -> torch.Tensor:
    """Labels of which the network gets about half right among the first 64 images, and all after them."""
    resized = F.interpolate(images, size=(resolution, resolution), mode="bilinear", antialias=True)
    labels = answers(net, resized).argmax(dim=1)
    wrong = rng.permutation(64)[:32]
    labels[wrong] = (labels[wrong] + 1) % classes
    return labels


def public_resolution(f: Any, remote: Any) -> list[float]:
    """A public example: striped images, one image that differs, a network in train mode."""
    images = torch.zeros(66, 3, 8, 8)
    images[:, 0], images[:, 0, :, 3::4], images[:, 1] = 1.0, 0.0, 0.85
    images[65, 0] = 5.0
    labels = torch.ones(66, dtype=torch.int64)
    colours = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(3))
    colours[2].running_mean.copy_(torch.tensor([0.0, 0.0, 1.0]))
    model = remote.copy(colours)
    found = [f.evaluate_at_resolution(model, images, labels, resolution) for resolution in (2, 8, 12)]
    return [*found, float(model.state_dict()["2.num_batches_tracked"])]


RESOLUTION = public_twin(
    run=public_resolution,
    describes="evaluate_at_resolution at 2, 8 and 12 for 66 striped images 8×8 (red 1 but 0 in every fourth column, "
    "green 0.85, the last one wholly red 5; labels all 1), then batches counted by batch norm; model: means of "
    "red, green, blue, batch norm, in train mode",
)


# Four mistakes are to be found. Each has a test that the three others pass, so that each one found earns its share:
# images of their own size need no resizing, fewer than 64 are one batch, and where every image comes with its negative
# and the network answers it with negative logits, a softmax over the batch changes no answer.


def two_sided(rng: Any, pairs: int, side: int) -> tuple[nn.Sequential, torch.Tensor]:
    """A network of two classes without biases, in eval mode, and images `(2 · pairs, 3, side, side)`, each beside its
    negative."""
    net = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * side**2, 2, bias=False))
    net[0].running_var.copy_(rng.uniform(3, low=0.05, high=5.0))
    weight = rng.normal(3 * side**2)
    net[3].weight.data = torch.stack([weight, -weight])
    images = rng.normal(pairs, 1, 3, side, side)
    return net.eval(), torch.cat([images, -images], dim=1).flatten(0, 1)


@question("repair_resolution", twin=RESOLUTION, weight=2)
def test_every_image_counts_alike(student, remote, rng):
    """The share of all images that are right, however they are cut into batches."""
    net, images = two_sided(rng, 35, 4)
    labels = answers(net, images).argmax(dim=1)
    labels[:64:2] = 1 - labels[:64:2]  # half of the first 64 wrong, the last six right
    close(student.evaluate_at_resolution(remote.copy(net), images, labels, 4), 38 / 70)


@question("repair_resolution", twin=RESOLUTION, weight=2)
def test_largest_logit_of_each_image(student, remote, rng):
    """The predicted class of an image is that of its own largest logit, whatever the other images are."""
    net = flat_net(rng, 16, 5).eval()
    images = rng.normal(40, 3, 4, 4) * torch.logspace(-1, 1, 40)[:, None, None, None]
    labels = answers(net, images).argmax(dim=1)
    labels[:10] = (labels[:10] + 1) % 5
    close(student.evaluate_at_resolution(remote.copy(net), images, labels, 4), 30 / 40)


@question("repair_resolution", twin=RESOLUTION, weight=2)
def test_resized_with_antialiasing(student, remote, rng):
    """Images are resized bilinearly, with antialiasing where they become smaller."""
    for side, resolution in ((9, 4), (3, 6)):
        net, images = two_sided(rng, 24, resolution)
        images = F.interpolate(images, size=(side, side)) + rng.normal(24, 1, 3, side, side).mul(
            torch.tensor([1.0, -1.0]).view(1, 2, 1, 1, 1)
        ).flatten(0, 1)
        resized = F.interpolate(images, size=(resolution, resolution), mode="bilinear", antialias=True)
        labels = answers(net, resized).argmax(dim=1)
        labels[:12] = 1 - labels[:12]
        close(student.evaluate_at_resolution(remote.copy(net), images, labels, resolution), 36 / 48)


@question("repair_resolution", twin=RESOLUTION, weight=2)
def test_measured_in_eval_mode(student, remote, rng):
    """A network that comes in train mode is measured in eval mode; afterwards all its parts are as they were."""
    net, images = two_sided(rng, 20, 4)
    labels = answers(net, images).argmax(dim=1)
    labels[:10] = 1 - labels[:10]
    for model in (remote.copy(net.train()), remote.copy(net.eval())):
        with unchanged(model):
            found = student.evaluate_at_resolution(model, images, labels, 4)
        close(found, 30 / 40)


@question("repair_resolution", twin=RESOLUTION)
def test_accuracy_of_resized_images(student, remote, rng):
    """Resized, smaller or larger, to one pixel or to the size that they have: the share of all images."""
    for resolution in (3, 4, 9, 1):
        net, images = flat_net(rng, resolution**2, 5), rng.normal(71, 3, 6, 8)
        labels = labels_near(net, images, resolution, rng, 5)
        with unchanged(images, labels):
            found = student.evaluate_at_resolution(remote.copy(net.eval()), images, labels, resolution)
        close(found, resized_accuracy(net, images, labels, resolution))


@question("repair_resolution", twin=RESOLUTION)
def test_resolution_of_few_images(student, remote, rng):
    """One image alone, and as many as just fill a batch, non-contiguous: the share of all images."""
    net, images = flat_net(rng, 25, 3), rng.normal(6, 4, 3, 64).permute(3, 2, 0, 1)
    labels = labels_near(net, images, 5, rng, 3)
    for count in (1, 64):
        found = student.evaluate_at_resolution(remote.copy(net), images[:count], labels[:count], 5)
        close(found, resized_accuracy(net, images[:count], labels[:count], 5))


# -- expected_calibration_error --------------------------------------------------------------


def from_confidence(*confidence: float) -> torch.Tensor:
    """Probabilities of two classes; the first is the predicted one."""
    c = torch.tensor(confidence)
    return torch.stack([c, 1 - c], dim=1)


ERROR = public_twin(
    "expected_calibration_error", from_confidence(0.95, 0.85, 0.75, 0.55), torch.tensor([0, 1, 0, 0]), 5
)
ERROR_SURE = public_twin("expected_calibration_error", from_confidence(1.0, 0.9, 0.7), torch.tensor([1, 0, 0]), 4)


def spread_confidence(rng: Any, n: int, classes: int, bins: int, low: int) -> torch.Tensor:
    """Probabilities `(n, classes)` whose confidences lie well inside bins `low` to the last; each of these occurs."""
    place = torch.cat([torch.arange(low, bins), rng.integers(n, low=low, high=bins)])[:n]
    top = (place + rng.uniform(n, low=0.1, high=0.9)) / bins
    rest = rng.uniform(n, classes - 1, low=0.9, high=1.1)
    probabilities = torch.cat([top[:, None], (1 - top)[:, None] * rest / rest.sum(dim=1, keepdim=True)], dim=1)
    columns = torch.stack([rng.permutation(classes) for _ in range(n)])
    return probabilities.gather(1, columns)


def calibration_error(probabilities: torch.Tensor, labels: torch.Tensor, bins: int) -> float:
    """The sum over the bins of |hits − sum of confidences|, over the number of images, in float64."""
    confidence, predicted = probabilities.double().max(dim=1)
    gap = (predicted == labels).double() - confidence
    sums = torch.zeros(bins, dtype=torch.float64)
    sums.index_add_(0, (confidence * bins).long().clamp(max=bins - 1), gap)
    return float(sums.abs().sum()) / len(labels)


def guesses(probabilities: torch.Tensor, rng: Any, share: float) -> torch.Tensor:
    """Labels of which about this share is the predicted class, the others the next one."""
    wrong = rng.uniform(len(probabilities)) >= share
    return (probabilities.argmax(dim=1) + wrong.long()) % probabilities.shape[1]


@question("expected_calibration_error", twin=ERROR, weight=2)
def test_calibration_error(student, rng):
    """Per bin the distance of accuracy from mean confidence, weighed by the share of the images in the bin."""
    for n, classes, bins, low in ((60, 10, 10, 3), (41, 4, 15, 6), (30, 3, 7, 3)):
        probabilities = spread_confidence(rng, n, classes, bins, low)
        labels = guesses(probabilities, rng, rng.number(0.3, 0.9))
        with unchanged(probabilities, labels):
            found = student.expected_calibration_error(probabilities, labels, bins)
        close(found, calibration_error(probabilities, labels, bins))


@question("expected_calibration_error", twin=ERROR_SURE)
def test_sure_predictions_and_empty_bins(student, rng):
    """A confidence of exactly 1 is in the last bin, and empty bins count nothing."""
    sure = torch.eye(4)[rng.labels(9, 4)]
    modest = spread_confidence(rng, 6, 4, 5, 2)
    probabilities = torch.cat([sure, modest])[rng.permutation(15)]
    for bins in (5, 40):
        labels = guesses(probabilities, rng, 0.5)
        close(
            student.expected_calibration_error(probabilities, labels, bins),
            calibration_error(probabilities, labels, bins),
        )
    close(student.expected_calibration_error(sure, sure.argmax(dim=1), 10), 0.0)
    # One surely wrong and one right image of the last bin: their gaps have opposite signs, so a bin of its own shows.
    pair, labels = from_confidence(1.0, rng.number(0.82, 0.98)), torch.tensor([1, 0])
    close(student.expected_calibration_error(pair, labels, 5), calibration_error(pair, labels, 5))
    # One right image in the last bin but one, one wrong in the last: in one bin their gaps would nearly cancel out.
    pair, labels = from_confidence(rng.number(0.62, 0.78), rng.number(0.82, 0.98)), torch.tensor([0, 1])
    close(student.expected_calibration_error(pair, labels, 5), calibration_error(pair, labels, 5))


@question("expected_calibration_error", twin=ERROR)
def test_one_bin_and_one_image(student, rng):
    """One bin compares accuracy with mean confidence, whatever the images' order; one image has an error too."""
    probabilities = spread_confidence(rng, 24, 5, 3, 1)
    labels, order = guesses(probabilities, rng, 0.6), rng.permutation(24)
    for bins in (1, 3):
        expected = calibration_error(probabilities, labels, bins)
        strided = probabilities[order].T.contiguous().T
        close(student.expected_calibration_error(strided, labels[order], bins), expected)
    for label in (0, 1):
        alone = from_confidence(rng.number(0.72, 0.78))
        close(
            student.expected_calibration_error(alone, torch.tensor([label]), 10),
            calibration_error(alone, torch.tensor([label]), 10),
        )


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_robustness")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what geometry and measurement give."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_robustness", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


@question("quiz")
@pytest.mark.parametrize("number", [1])
def test_own_number(student, reference, variant, number):
    """It is rows times columns of crops that lie wholly inside."""
    answer = student.value(f"quiz_{number}")
    if not variant:  # an earlier release, which asked everybody the same
        close(answer, getattr(reference, f"quiz_{number}"))
        return
    own = own_window(variant)
    rows, columns = ((length - own.size) // own.stride + 1 for length in (own.height, own.width))
    close(answer, float(rows * columns), atol=0.01)
