"""06_two_networks: the given helpers of its figures, which no hidden test calls."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.suite.reference import reference_namespace

ROOT = Path(__file__).resolve().parents[2]
MASTER = ROOT / "solutions" / "06_two_networks" / "solution.py"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    found = reference_namespace(MASTER, [ROOT / "reference_models"])
    for cell in re.split(r"^# %%.*\n", MASTER.read_text(encoding="utf-8"), flags=re.MULTILINE):
        for name in ("as_pictures", "sheet", "smoothness"):  # of figure cells, which make no network here
            if part := re.search(rf"^def {name}\(.*?(?=^\S)", cell + "\n.", flags=re.MULTILINE | re.DOTALL):
                exec(part.group(), found)  # noqa: S102 - the course's own master
    return found


def test_training_tells_both_losses_and_holds_images_out(names: dict[str, Any]) -> None:
    torch.manual_seed(0)
    images, labels = torch.rand(40, 3, 8, 8), torch.arange(40) % 10
    seen: list[int] = []
    batches = names["batches"]
    names["batches"] = lambda x, y, size=64: seen.append(len(x)) or batches(x, y, size)
    try:
        network = names["fit"](names["SmallResNet"](4, (4, 4, 4, 4)), images, labels, 2, True)
    finally:
        names["batches"] = batches
    assert seen == [36, 36], "every tenth image is held out"
    assert [len(losses) for losses in network.losses] == [2, 2]
    assert network.losses[1][-1] == pytest.approx(names["loss_on"](network, images[::10], labels[::10], True))
    assert not network.training


def test_the_probe_reads_what_is_linear_and_guesses_noise(names: dict[str, Any]) -> None:
    generator = torch.Generator().manual_seed(1)
    train, test = (torch.randn(n, 6, generator=generator) for n in (300, 400))
    assert names["probe_accuracy"](train, (train[:, 2] > 0).long(), test, (test[:, 2] > 0).long()) > 0.95
    noise = torch.randint(2, (300,), generator=generator), torch.randint(2, (400,), generator=generator)
    assert names["probe_accuracy"](train, noise[0], test, noise[1]) == pytest.approx(0.5, abs=0.1)


def test_random_filters_are_as_smooth_as_the_text_says_and_edges_are_smoother(names: dict[str, Any]) -> None:
    random = torch.randn(2000, 3, 7, 7, generator=torch.Generator().manual_seed(0))
    share = names["smoothness"](random)
    assert f"{share:.0%} for random numbers".replace("%", " %") in MASTER.read_text(encoding="utf-8")
    edge = torch.linspace(-1, 1, 7).sin().expand(1, 3, 7, 7)
    assert names["smoothness"](edge) > 0.6


def test_filters_become_pictures_in_rows(names: dict[str, Any]) -> None:
    pictures = names["as_pictures"](torch.arange(2 * 3 * 4.0).view(2, 3, 2, 2))
    assert pictures.shape == (2, 2, 2, 3)
    assert pictures.amin().item() == 0
    assert pictures.amax().item() == 1
    assert names["sheet"](pictures, 1).shape == (6, 3, 3)
    assert names["sheet"](pictures, 2).shape == (3, 6, 3)
