"""05_robustness: the numbers of its text, and the given helpers, which no hidden test calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite.reference import reference_namespace
from reference_models.cifar10 import find_data
from reference_models.cifar10_images import load_cifar10
from reference_models.pretrained import load_model

ROOT = Path(__file__).resolve().parents[2]
MASTER = ROOT / "solutions" / "05_robustness" / "solution.py"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return reference_namespace(MASTER, [ROOT / "reference_models"])


def test_the_text_shows_the_worked_numbers() -> None:
    text = MASTER.read_text(encoding="utf-8")
    assert all(value in text for value in ("0.9867", "0.1871", "0.2160", "0.425", "0.433", "[[0, 0], [0, 2]]"))


def test_mistakes_have_the_values_that_the_text_gives_them(names: dict[str, Any]) -> None:
    p = torch.tensor([0.9, 0.8, 0.7, 0.4])
    assert float(p.std()) == pytest.approx(0.2160, abs=5e-5)
    confidence = torch.tensor([0.95, 0.85, 0.65, 0.55])
    probabilities, labels = torch.stack([confidence, 1 - confidence], dim=1), torch.tensor([0, 1, 0, 1])
    assert names["expected_calibration_error"](probabilities, labels, 5) == pytest.approx(0.425)
    stage, whole = torch.zeros(1, 4, 6), torch.ones(1, 2, 2)
    pixels = names["place_object"](stage, whole, whole, (0.5, 0.5), 16 / 24, 0.0)
    assert float(pixels.sum()) == pytest.approx(14, abs=1e-3)
    seam = names["place_object"](
        stage, whole, whole, (0.5, 0.5), 16 / 24, 0.0
    ).square()  # m · m, what the dark seam gives
    assert float(seam.sum()) == pytest.approx(10.2, abs=0.05)


def test_a_window_moved_by_one_pixel_can_change_the_class(names: dict[str, Any]) -> None:
    """The second prediction: a stride of 2 steps over every second column."""
    net = nn.Sequential(nn.Conv2d(1, 2, 1, stride=2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    net[0].weight.data = torch.tensor([1.0, -1.0])[:, None, None, None]
    net[0].bias.data = torch.zeros(2)
    image = torch.zeros(1, 4, 7)
    image[:, :, 2], image[:, :, 3] = 9.0, -9.0
    found = names["crop_predictions"](net, image, 4, 1)
    assert found[0, :, 0].round().tolist() == [1, 0, 1, 0]


def test_evaluating_restores_modes_even_after_an_error(names: dict[str, Any]) -> None:
    net = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())
    net[0].eval()

    def fails_inside() -> None:
        with names["evaluating"](net):
            assert not any(part.training for part in net.modules())
            assert not torch.is_grad_enabled()
            raise KeyError

    with pytest.raises(KeyError):
        fails_inside()
    assert [part.training for part in net.modules()] == [True, False, True]
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("truth", [0.5, 2.0])
def test_the_temperature_that_was_used_is_found_again(names: dict[str, Any], truth: float) -> None:
    generator = torch.Generator().manual_seed(0)
    honest = 3 * torch.randn(4000, 5, generator=generator)
    labels = torch.multinomial(F.softmax(honest, dim=1), 1, generator=generator)[:, 0]
    assert names["fit_temperature"](honest * truth, labels) == pytest.approx(truth, rel=0.1)


def test_a_drawn_figure_is_cut_along_its_outline(names: dict[str, Any]) -> None:
    image = torch.full((3, 32, 32), 0.3) + 0.05 * torch.linspace(-1, 1, 32)
    image[:, 10:20, 12:18] = 0.9
    expected = torch.zeros(1, 32, 32)
    expected[:, 10:20, 12:18] = 1
    assert torch.equal(names["drawn_mask"](image), expected)
    image[:, :, 30:] = 0.9
    image[:, 8:24, 12:32] = 0.9  # over the edge: no use as an object
    assert not names["drawn_mask"](image).any()


@pytest.fixture
def factory(names: dict[str, Any]) -> Callable[..., Any]:
    names["data_name"], (names["images"], names["labels"]) = "small images", names["small_images"](40, seed=3)
    names["objects"] = names["find_objects"]()
    return names["object_factory"]


def test_an_object_stands_before_the_background_of_another(names: dict[str, Any], factory: Any) -> None:
    objects = names["objects"]
    assert 10 < len(objects.labels) <= 40
    images, labels = factory("scale", 5)(1.0, torch.Generator().manual_seed(2))
    order = torch.randperm(len(objects.labels), generator=torch.Generator().manual_seed(2))
    assert torch.equal(labels, objects.labels[order[:5]])
    for image, own, other in zip(images, order, order[1:], strict=False):
        mask = objects.masks[own].expand_as(image)
        torch.testing.assert_close(image[mask == 1], objects.pictures[own][mask == 1], atol=1e-4, rtol=0)
        torch.testing.assert_close(image[mask == 0], objects.backgrounds[other][mask == 0], atol=1e-4, rtol=0)


@pytest.mark.parametrize("factor", ["location", "scale", "angle"])
def test_a_factory_varies_one_factor_of_the_same_draws(names: dict[str, Any], factory: Any, factor: str) -> None:
    values, _ = names["FACTORS"][factor]
    made = [factory(factor, 6)(value, torch.Generator().manual_seed(1)) for value in values]
    assert all(torch.equal(labels, made[0][1]) for _, labels in made)
    assert made[0][0].shape == (6, 3, 32, 32)
    assert 0 <= float(made[0][0].min()) <= float(made[0][0].max()) <= 1 + 1e-6
    assert all(not torch.equal(images, made[0][0]) for images, _ in made[1:])
    natural = {"location": 0.0, "scale": 1.0, "angle": 0.0}
    for other, value in natural.items():
        images, _ = factory(other, 6)(value, torch.Generator().manual_seed(1))
        torch.testing.assert_close(images, made[values.index(natural[factor])][0])


def test_the_shifts_are_what_they_are_called(names: dict[str, Any]) -> None:
    """Noise has its deviation and its seed; a small object covers its share of grey; a whole one stays as it is."""
    images = torch.full((4, 3, 32, 32), 0.5)
    noise = names["noisy"](images, 0.1) - images
    assert float(noise.std()) == pytest.approx(0.1, rel=0.05)
    assert torch.equal(names["noisy"](images, 0.1), names["noisy"](images, 0.1))
    white = torch.ones(2, 3, 32, 32)
    small = names["replaced"](white, 0.2, 0.0)
    assert float((small - 0.5).mean() / 0.5) == pytest.approx(0.2, abs=0.01)
    shades = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(names["replaced"](shades, 1.0, 0.0), shades, atol=1e-4, rtol=0)
    assert list(names["SHIFTS"]) == ["turned by 30°", "small", "noisy, σ = 0.1"]


@pytest.mark.data
def test_what_the_figures_of_calibration_and_resolution_show(names: dict[str, Any]) -> None:
    """On the shipped weights: under noise accuracy falls and confidence does not follow; a T chosen on clean images
    leaves a shift uncalibrated; a small photograph is recognised at its own size better than enlarged."""
    root = find_data()
    if root is None:
        pytest.skip("CIFAR-10 is not on this machine (see docs/reference-models.md)")
    photographs, labels = load_cifar10(train=False, root=root)
    images, labels = photographs[:240].permute(0, 3, 1, 2) / 255, labels[:240]
    names["network"] = network = load_model("baseline")
    clean, noisy = names["logits_of"](images), names["logits_of"](names["noisy"](images, 0.1))
    right = [float((z.argmax(dim=1) == labels).float().mean()) for z in (clean, noisy)]
    sure = [float(z.softmax(dim=1).amax(dim=1).mean()) for z in (clean, noisy)]
    assert right[0] - right[1] > 0.35
    assert sure[0] - sure[1] < 0.25
    of_clean, of_noisy = (names["fit_temperature"](z, labels) for z in (clean, noisy))
    assert of_clean < 1.4
    assert of_noisy > 1.8
    error = names["expected_calibration_error"]
    assert error((noisy / of_clean).softmax(dim=1), labels, 15) > 0.2
    coarse = F.interpolate(images[:120], size=(16, 16), mode="bilinear", antialias=True)
    at = {size: names["evaluate_at_resolution"](network, coarse, labels[:120], size) for size in (16, 32)}
    assert at[16] - at[32] > 0.15


@pytest.mark.data
def test_an_object_is_known_less_well_before_the_background_of_another(names: dict[str, Any]) -> None:
    """On the shipped weights: what was cut out is still known, and part of what was known was its surroundings."""
    root = find_data()
    if root is None:
        pytest.skip("CIFAR-10 is not on this machine (see docs/reference-models.md)")
    photographs, labels = load_cifar10(train=False, root=root)
    names["data_name"], names["labels"] = "CIFAR-10", labels[:300]
    names["images"] = photographs[:300].permute(0, 3, 1, 2) / 255
    names["network"] = load_model("baseline")
    f, m, behind, truth = names["find_objects"]()
    assert 50 < len(truth) < 100
    ways = {"whole": f, "own": m * f + (1 - m) * behind, "other": m * f + (1 - m) * behind.roll(1, 0), "none": behind}
    right = {way: float((names["logits_of"](x).argmax(dim=1) == truth).float().mean()) for way, x in ways.items()}
    assert right["own"] > right["whole"] - 0.1
    assert right["own"] - right["other"] > 0.08
    assert right["other"] - right["none"] > 0.25
