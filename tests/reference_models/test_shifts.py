"""Changed images and other tasks: what a ridge finds, what is asked for, and that the card is what the table says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from rich.console import Console
from torch import nn

from reference_models import shifts
from reference_models.pretrained import DEFINITIONS
from reference_models.shifts import CLEAN, SHIFTS, TRANSFER, UNTRAINED, Question

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "reference_models" / "cards" / "shifts.json"


def blobs(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Features of three classes around three centres, far from zero and of a large scale."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    centres = 40 * torch.eye(3, 5)
    return 500 + centres[labels] + 8 * torch.randn(count, 5, generator=generator), labels


def test_a_ridge_tells_classes_apart_wherever_they_lie() -> None:
    features, labels = blobs(60, seed=0)
    others, truth = blobs(300, seed=1)
    assert (shifts.ridge(features, labels)(others) == truth).float().mean() > 0.95


def test_the_strength_is_chosen_by_leaving_one_out() -> None:
    """With more numbers than images each fits; only leaving one out shows that chance labels cannot be predicted."""
    generator = torch.Generator().manual_seed(0)
    features, labels = torch.randn(40, 200, generator=generator), torch.arange(40) % 2
    signal = features.clone()
    signal[:, 0] += 6.0 * labels
    unseen, truth = torch.randn(400, 200, generator=generator), torch.arange(400) % 2
    unseen[:, 0] += 6.0 * truth
    assert (shifts.ridge(signal, labels)(unseen) == truth).float().mean() > 0.7


def test_draws_are_ten_a_class_and_nobody_is_asked_what_was_fitted() -> None:
    labels = torch.arange(120) % 3
    images = torch.arange(120.0)[:, None, None, None].expand(-1, 3, 2, 2)
    question = shifts.other_question("thirds", images, labels, draws=2, asked=50)
    (first, of_first), (second, of_second) = question.fitted
    assert of_first.bincount().tolist() == of_second.bincount().tolist() == [10, 10, 10]
    asked, truth = question.asked["thirds"]
    assert len(asked) == 50
    numbers = [set(part[:, 0, 0, 0].tolist()) for part in (first, second, asked)]
    assert not numbers[0] & numbers[1]
    assert not numbers[2] & (numbers[0] | numbers[1])
    assert torch.equal(asked[:, 0, 0, 0].long() % 3, truth)


class Flat(nn.Module):
    """Features are the pixels; the head would spoil them."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier: nn.Module = nn.Linear(5, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.classifier(images.flatten(1))


def question(names: tuple[str, ...]) -> Question:
    def part(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        features, labels = blobs(count, seed)
        return features[:, :, None, None], labels

    return Question([part(30, 0), part(30, 1)], {name: part(60, 2 + n) for n, name in enumerate(names)})


def test_features_are_those_before_the_head() -> None:
    found = shifts.answers(Flat(), [question((CLEAN, "noisy"))])
    assert {name: len(draws) for name, draws in found.items()} == {CLEAN: 2, "noisy": 2}
    assert min(found[CLEAN]) > 0.9


def test_an_untrained_network_is_used_to_its_images() -> None:
    torch.manual_seed(1)
    images = 0.3 + 0.1 * torch.rand(20, 3, 16, 16)
    network = shifts.untrained("mobilenet", images)
    assert not network.training
    first = next(part for part in network.modules() if isinstance(part, nn.BatchNorm2d))
    assert first.running_mean is not None
    assert first.running_mean.abs().max() > 0
    again = shifts.untrained("mobilenet", images)
    assert torch.equal(network(images[:1]), again(images[:1]))


def test_a_report_goes_on_where_it_was_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(name: str, *_: object) -> nn.Module:
        made.append(name)
        return Flat()

    monkeypatch.setattr(shifts, "load_model", make)
    monkeypatch.setattr(shifts, "untrained", make)
    asked = [question((CLEAN, *SHIFTS)), question(TRANSFER)]
    report, console = tmp_path / "cards" / "shifts.json", Console(quiet=True)
    done = shifts.measure(asked, {"draws": 2}, tmp_path, report, console)
    assert json.loads(report.read_text()) == done
    assert len(made) == len(DEFINITIONS) + len(UNTRAINED)
    del done["networks"]["mobilenet"]
    report.write_text(json.dumps(done))
    made.clear()
    shifts.measure(asked, {"draws": 2}, tmp_path, report, console)
    assert made == ["mobilenet"]
    with pytest.raises(ValueError, match="another setting"):
        shifts.measure(asked, {"draws": 3}, tmp_path, report, console)


def test_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shifts, "find_data", lambda _: None)
    found = CliRunner().invoke(shifts.main, ["--data", str(tmp_path), "--report", str(tmp_path / "shifts.json")])
    assert found.exit_code != 0
    assert "CIFAR-10 is not here" in found.output


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return json.loads(CARD.read_text(encoding="utf-8"))


def test_the_card_has_every_reference_model_and_every_question(card: dict[str, Any]) -> None:
    assert list(card["networks"]) == [*DEFINITIONS, *(f"{name}, untrained" for name in UNTRAINED.values())]
    for found in card["networks"].values():
        assert set(found["right"]) == {CLEAN, *SHIFTS, *TRANSFER}
        assert all(len(draws) == card["setting"]["draws"] for draws in found["right"].values())


def test_the_table_of_the_docs_is_that_of_the_card(card: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "reference-models.md").read_text(encoding="utf-8")
    assert "\n".join(shifts.table(card)) in text
