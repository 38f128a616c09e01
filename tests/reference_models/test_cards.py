"""Cards: their figures are right, they belong to the weights beside them, and the weights still do what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from torch import nn

from autograder.course.course import load_course
from reference_models import measure
from reference_models.card import first_images, measure_and_write, right_answers, task_images
from reference_models.card_page import page
from reference_models.cifar10 import Cifar10, Images, find_data, load_cifar10
from reference_models.pretrained import load_model, make_model
from reference_models.probes import fit_linear, neighbour_votes, probe_blocks
from reference_models.recipes import CPU
from reference_models.small_images import small_images
from reference_models.train import run_recipe

ROOT = Path(__file__).resolve().parents[2]
CARDS = ROOT / "reference_models" / "cards"
COMMITTED = {model.name: model.sha256 for model in load_course(ROOT).reference_models}
QUICKEST = "resnet_eight_classes"
WITHIN = 2  # answers that other processors and libraries may round the other way


def images(n: int, seed: int) -> Images:
    floats, labels = small_images(n, seed)
    return Images((floats * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous(), labels)


def card_of(name: str) -> dict[str, Any]:
    return json.loads((CARDS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cifar10() -> Cifar10:
    if find_data() is None:
        pytest.skip("CIFAR-10 is not on this machine (see docs/reference-models.md)")
    return load_cifar10()


@pytest.mark.parametrize("name", COMMITTED)
def test_the_card_belongs_to_the_weights(name: str) -> None:
    """Its SHA-256 is the one in course.yaml, its page is made from its JSON, its figure is there."""
    card = card_of(name)
    assert card["sha256"] == COMMITTED[name]
    assert (CARDS / f"{name}.md").read_text(encoding="utf-8") == page(card)
    assert (CARDS / f"{name}.png").stat().st_size > 5000
    assert len(card["training"]["history"]) == card["training"]["recipe"]["epochs"]


@pytest.mark.data
@pytest.mark.parametrize(
    "name", [name if name == QUICKEST else pytest.param(name, marks=pytest.mark.long) for name in COMMITTED]
)
def test_the_first_thousand(name: str, cifar10: Cifar10) -> None:
    first = card_of(name)["first"]
    found = first_images(name, cifar10.test)
    assert len(found) == first["images"]
    assert abs(right_answers(load_model(name), found) - first["right"]) <= WITHIN


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", COMMITTED)
def test_the_whole_test_set(name: str, cifar10: Cifar10) -> None:
    """All 10,000 images (of eight classes 8,000; of rotations 40,000), within 2 of each 1,000."""
    test = card_of(name)["test"]
    found = task_images(name, cifar10.test)
    assert len(found) == test["images"]
    right = right_answers(load_model(name), found)
    assert abs(right - test["accuracy"] * len(found)) <= WITHIN * len(found) / 1000


@pytest.mark.long
def test_a_card_from_beginning_to_end(tmp_path: Path) -> None:
    """Trained for two steps and measured: figures agree with a count by hand, the page says them."""
    data = Cifar10(images(40, 0), images(12, 1), images(12, 2))
    recipe = replace(CPU["resnet_rotation"].with_epochs(2), batch=20)
    run = run_recipe("resnet_rotation", recipe, data, tmp_path, 0, "cpu", Console(quiet=True))
    card = measure_and_write("resnet_rotation", recipe, data, tmp_path, run.history, seed=0, device="cpu")
    assert json.loads((tmp_path / "cards" / "resnet_rotation.json").read_text()) == json.loads(json.dumps(card))
    assert card["test"]["images"] == 48
    model = load_model("resnet_rotation", tmp_path / "weights")
    right = 0
    for label in range(4):
        turned = torch.rot90(data.test.images, label, dims=(1, 2)).permute(0, 3, 1, 2) / 255
        with torch.no_grad():
            right += int((model(turned).argmax(dim=1) == label).sum())
    assert card["test"]["accuracy"] == pytest.approx(right / 48)
    text = (tmp_path / "cards" / "resnet_rotation.md").read_text()
    assert f"**{right / 48:.2%}**" in text
    assert "| stage 4 | 4,096 |" in text
    assert card["sha256"] in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [("baseline", 322_638_848), ("mobilenet", 58_438_656), ("resnet_supervised", 63_801_856)],
)
def test_multiply_accumulates(name: str, expected: int) -> None:
    assert measure.multiply_accumulates(make_model(name).eval()) == expected


def test_calibration_error_of_known_cases() -> None:
    """All sure and three of four right: 0.25. Two bins: |1 − 0.9| for a half and |0 − 0.6| for a half: 0.35."""
    sure = torch.tensor([[1.0, 0]] * 4)
    assert measure.calibration_error(sure, torch.tensor([0, 0, 0, 1])) == pytest.approx(0.25)
    mixed = torch.tensor([[0.9, 0.1], [0.6, 0.4]])
    assert measure.calibration_error(mixed, torch.tensor([0, 1])) == pytest.approx(0.35)
    assert measure.calibration_error(mixed.repeat(3, 1), torch.tensor([0, 1] * 3)) == pytest.approx(0.35)


def test_quality_counts_per_class_and_finds_the_worst_confusion() -> None:
    labels = torch.tensor([0, 0, 1, 1, 1, 2])
    found = measure.quality(torch.eye(3)[[0, 1, 2, 2, 1, 2]], labels)
    assert found["accuracy"] == pytest.approx(3 / 6)
    assert found["per_class"] == pytest.approx([1 / 2, 1 / 3, 1])
    assert found["most_confused"] == {"label": 1, "taken_for": 2, "images": 2}


class Corner(nn.Module):
    """Answers by one pixel: class 1 where the left upper pixel of what it is shown is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * torch.stack([1 - x[:, 0, 0, 0], x[:, 0, 0, 0]], dim=1)


def test_crop_stability_sees_what_hangs_on_the_place() -> None:
    even = torch.zeros(2, 32, 32, 3, dtype=torch.uint8)
    assert measure.crop_stability(Corner().eval(), even) == {"agreement": 1.0, "deviation": pytest.approx(0, abs=1e-6)}
    one = even.clone()
    one[0, 4, 8] = 255  # the corner of one of the nine crops of the first image
    stability = measure.crop_stability(Corner().eval(), one)
    assert stability["agreement"] == pytest.approx(17 / 18)
    assert stability["deviation"] > 0.01


def test_accuracy_by_resolution_at_its_own_size_is_the_accuracy() -> None:
    data = images(20, 0)
    model = make_model("resnet_supervised").eval()
    found = measure.accuracy_by_resolution(model, data)
    assert found["32"] == right_answers(model, data) / 20
    assert list(found) == ["16", "20", "24", "28", "32", "40", "48", "64"]


def test_a_linear_probe_separates_what_is_separable() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 3, (600,), generator=generator)
    features = torch.randn(600, 8, generator=generator) * 5 + 100  # far from standardised
    features[:, :3] += 40 * torch.eye(3)[labels]
    classifier = fit_linear(features[:400], labels[:400], seed=0)
    assert (classifier(features[400:]).argmax(dim=1) == labels[400:]).double().mean() > 0.97
    votes = neighbour_votes(features[400:], features[:400], labels[:400])
    assert votes.sum(dim=1).unique().tolist() == [20]
    assert (votes.argmax(dim=1) == labels[400:]).double().mean() > 0.97


def test_probes_of_every_block() -> None:
    probes = probe_blocks(make_model("resnet_rotation").eval(), images(60, 0), images(20, 1), images(20, 2))
    assert [(probe.block, probe.features) for probe in probes] == [
        ("stem", 512),
        ("stage 1", 512),
        ("stage 2", 1024),
        ("stage 3", 2048),
        ("stage 4", 4096),
    ]
