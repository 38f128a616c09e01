"""The masters hold what they promise: numbers of the text, structure of the notebook, bank headers."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import pytest
import torch
import torch.nn.functional as F
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COURSE = YAML(typ="safe").load(ROOT / "course.yaml")
NAMES = tuple(assignment["name"] for assignment in COURSE["assignments"])


@cache
def cells(name: str) -> list[Any]:
    """The cells of a master, which no test changes."""
    return jupytext.read(ROOT / "solutions" / name / "solution.py", fmt="py:percent").cells


def grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def questions(name: str) -> list[dict[str, Any]]:
    return next(assignment["questions"] for assignment in COURSE["assignments"] if assignment["name"] == name)


@pytest.fixture(scope="module")
def namespaces() -> dict[str, dict[str, Any]]:
    """The reference namespace of each master: every code cell that is no check and does not train."""
    sys.path.insert(0, str(ROOT / "reference_models"))
    try:
        found = {}
        for name in NAMES:
            namespace: dict[str, Any] = {"__name__": "reference"}
            for cell in cells(name):
                tags = cell.metadata.get("tags", [])
                if cell.cell_type == "code" and not {"train", "check", "figure"} & set(tags):
                    exec(compile(cell.source, grade_id(cell), "exec"), namespace)  # noqa: S102 - our own masters
            found[name] = namespace
        return found
    finally:
        sys.path.remove(str(ROOT / "reference_models"))


@pytest.mark.parametrize("name", NAMES)
def test_every_check_passes_on_the_solution(name: str, namespaces: dict[str, dict[str, Any]]) -> None:
    namespace = dict(namespaces[name])
    checks = [cell for cell in cells(name) if "check" in cell.metadata.get("tags", [])]
    assert len(checks) >= 7
    for cell in checks:
        exec(compile(cell.source, grade_id(cell), "exec"), namespace)  # noqa: S102 - our own masters


@pytest.mark.parametrize("name", NAMES)
def test_grade_ids_are_unique_and_every_question_has_its_cell(name: str) -> None:
    # students change the cell that holds their code, and nbgrader knows nothing of it
    ids = [grade_id(cell) for cell in cells(name) if "variant" not in cell.metadata.get("tags", [])]
    assert all(ids)
    assert len(ids) == len(set(ids))
    for question in questions(name):
        if question["kind"] == "artifact":
            continue  # a file beside the notebook: no cell
        expected = [question["id"]]
        if question["kind"] == "quiz" and question["id"] == "quiz":
            expected = [f"quiz_{number}" for number in range(1, 6)]
        for wanted in expected:
            cell = next(cell for cell in cells(name) if grade_id(cell) == wanted)
            assert cell.metadata["nbgrader"]["solution"]
            assert cell.metadata["nbgrader"]["grade"] == (question["kind"] == "manual")
        if question["kind"] != "manual":
            assert f"check_{question['id']}" in ids


@pytest.mark.parametrize("name", NAMES)
def test_solutions_are_short_and_marked_in_pairs(name: str) -> None:
    for cell in cells(name):
        begins, ends = cell.source.count("### BEGIN SOLUTION"), cell.source.count("### END SOLUTION")
        assert begins == ends
        for body in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL):
            assert len(body.strip().splitlines()) <= 16, f"{grade_id(cell)} is no longer worth showing in a lecture"
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            assert begins >= 1, f"{grade_id(cell)} has no solution between markers"


@pytest.mark.parametrize("name", NAMES)
def test_written_answers_have_a_mark_scheme_and_no_points(name: str) -> None:
    for question in questions(name):
        if question["kind"] == "manual":
            cell = next(cell for cell in cells(name) if grade_id(cell) == question["id"])
            scheme = re.search(r"### BEGIN MARK SCHEME\n(.*)### END MARK SCHEME", cell.source, re.DOTALL)
            assert scheme
            points = [int(n) for n in re.findall(r"^- [\w ]+ \((\d)\): .+\.$", scheme[1], re.MULTILINE)]
            assert 3 <= len(points) <= 5
            assert sum(points) == question["points"]
            full, half = (scheme[1].find(f"*{title} marks, for example.*") for title in ("Full", "Half"))
            assert 0 < full < half, "an answer for full marks, then one for half of them"
            assert min(half - full, len(scheme[1]) - half) > 150
    assert all("points" not in cell.metadata.get("nbgrader", {}) for cell in cells(name))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("02_visualisation", ["TV = 8 / 4 = 2", "7×15 pixels", "[0.6, 0]", "[0.8, 0.5]"]),
        ("03_separable", ["1,171,978", "5.52", "6.65"]),
        ("04_distillation", ["0.9686", "1.0028", "0.2421", "1.506591"]),
    ],
)
def test_the_text_shows_the_worked_numbers(name: str, values: list[str]) -> None:
    text = "\n".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")
    assert all(value in text for value in values)


def test_whole_networks_cost_what_the_text_says(namespaces: dict[str, dict[str, Any]]) -> None:
    from reference_models.baseline import BaselineNet

    namespace = namespaces["03_separable"]
    assert namespace["multiply_accumulates"](BaselineNet(), (3, 32, 32)) == 322_638_848
    assert namespace["multiply_accumulates"](namespace["MobileNet"](), (3, 32, 32)) == 58_438_656
    pair, full = namespace["separable_parameter_count"], namespace["convolution_parameter_count"]
    assert pair(128, 256, 3, False) / full(128, 256, 3, False) == pytest.approx(1 / 256 + 1 / 9)


def text_of(name: str) -> str:
    """All that students read and run: every cell of the master."""
    return "\n".join(cell.source for cell in cells(name))


def card(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "reference_models" / "cards" / f"{name}.json").read_text(encoding="utf-8"))


def test_what_is_missing_from_the_baseline_is_counted_rightly(namespaces: dict[str, dict[str, Any]]) -> None:
    """The check's two hints, and the hint of the variant without biases."""
    network = namespaces["01_baseline"]["BaselineNet"]()
    convolutions = [part for part in network.modules() if isinstance(part, torch.nn.Conv2d)]
    biases = sum(part.bias.numel() for part in convolutions)
    norms = sum(
        p.numel() for part in network.modules() if isinstance(part, torch.nn.BatchNorm2d) for p in part.parameters()
    )
    said = text_of("01_baseline")
    assert f"({biases:,} fewer: no biases in the convolutions; " in said
    assert f"{norms:,} fewer: no batch norm)" in said
    variant = (ROOT / "solutions/01_baseline/bank/wrong_net_no_bias.py").read_text(encoding="utf-8")
    assert f"{biases:,} parameters are missing" in variant


def test_the_text_says_what_the_cards_measured() -> None:
    right = card("baseline")["test"]["accuracy"]
    assert f"right on {100 * right:.0f} % of the test images" in text_of("05_robustness")
    assert f"learns from {card('resnet_supervised')['training']['images']:,} labels" in text_of("06_two_networks")


def test_the_curves_that_come_with_the_networks_are_those_of_their_cards(namespaces: dict[str, dict[str, Any]]) -> None:
    told = namespaces["06_two_networks"]["CARD_LOSSES"]
    for title, name in (("labels", "resnet_supervised"), ("rotations", "resnet_rotation")):
        history = card(name)["training"]["history"]
        for losses, key in zip(told[title], ("train_loss", "held_out_loss"), strict=True):
            assert losses == pytest.approx([epoch[key] for epoch in history], abs=0.006), (title, key)


def test_the_steps_of_the_attack_are_said_rightly() -> None:
    """The check of 02 calls ten steps after two, each 2.5 ε / steps long: a fifth."""
    long, short = (2.5 * 0.1 / steps for steps in (2, 10))
    assert long / short == pytest.approx(5)
    assert "ten steps of a fifth of that" in text_of("02_visualisation")


def test_pairs_of_the_relational_loss(namespaces: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its docstring counts N (N − 1) / 2 pairs; each is compared once."""
    seen = []
    monkeypatch.setattr(F, "smooth_l1_loss", lambda a, b: seen.append((a.shape, b.shape)))
    loss = namespaces["04_distillation"]["relational_distance_loss"]
    loss(torch.rand(5, 3), torch.rand(5, 7))
    assert "all N (N − 1) / 2 pairs" in loss.__doc__
    assert seen == [(torch.Size([5 * 4 // 2]),) * 2]


def test_the_master_network_equals_the_reference_network(namespaces: dict[str, dict[str, Any]]) -> None:
    from reference_models.mobilenet import MobileNet

    torch.manual_seed(0)
    mine, theirs = namespaces["03_separable"]["MobileNet"](), MobileNet()
    mine.load_state_dict(dict(zip(mine.state_dict(), theirs.state_dict().values(), strict=True)))
    images = torch.rand(2, 3, 9, 12)
    assert torch.equal(mine.eval()(images), theirs.eval()(images))


def test_mistakes_in_the_divergence_have_the_published_values(namespaces: dict[str, dict[str, Any]]) -> None:
    namespace = namespaces["04_distillation"]
    student, teacher = torch.tensor([[2.0, 0, 0], [0, 0, 1]]), torch.tensor([[4.0, 0, 0], [0, 3, 0]])
    divergence = namespace["kl_distillation"]
    assert float(divergence(student, teacher, 2.0)) == pytest.approx(0.9686, abs=5e-5)
    assert float(divergence(teacher, student, 2.0)) == pytest.approx(1.0028, abs=5e-5)
    assert float(divergence(student, teacher, 2.0)) / 4 == pytest.approx(0.2421, abs=5e-5)
    s, t = torch.tensor([[1.0, 2, 3], [1, 0, -1]]), torch.tensor([[3.0, 1, 0], [0, 2, -2]])
    loss = namespace["distillation_loss"](s, t, torch.tensor([2, 0]), 4.0, 0.9)
    assert float(loss) == pytest.approx(1.506591, abs=1e-6)


def test_soft_cross_entropy_is_divergence_plus_entropy(namespaces: dict[str, dict[str, Any]]) -> None:
    namespace = namespaces["04_distillation"]
    s, t = torch.randn(2, 5, 10, generator=torch.Generator().manual_seed(0))
    entropy = torch.special.entr(F.softmax(t / 3, dim=1)).sum(dim=1).mean()
    expected = namespace["kl_distillation"](s, t, 3.0) + 9 * entropy
    torch.testing.assert_close(namespace["soft_cross_entropy"](s, t, 3.0), expected)


def test_given_losses(namespaces: dict[str, dict[str, Any]]) -> None:
    namespace = namespaces["04_distillation"]
    maps = torch.rand(5, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert float(namespace["hint_loss"](maps, maps, torch.nn.Identity())) == 0
    assert float(namespace["attention_transfer_loss"](maps, 3 * maps)) == pytest.approx(0, abs=1e-12)
    rows = maps.flatten(1)
    assert float(namespace["relational_distance_loss"](rows, 3 * rows)) == pytest.approx(0, abs=1e-10)
    logits = torch.randn(4, 10, requires_grad=True)
    labels = torch.tensor([0, 1, 2, 3])
    for own in namespace["mutual_learning_losses"](logits, logits, labels):
        assert float(own.detach()) == pytest.approx(float(F.cross_entropy(logits, labels).detach()), abs=1e-6)
    kept = namespace["imbalanced_indices"](torch.arange(10).repeat_interleave(100), 0.1)
    counts = torch.arange(10).repeat_interleave(100)[kept].bincount()
    assert counts[0] == 100
    assert counts[9] == 10
    assert (counts.diff() < 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_bank_headers_are_valid(name: str) -> None:
    folder = ROOT / "solutions" / name / "bank"
    ids = {question["id"] for question in questions(name)}
    right, wrong = sorted(folder.glob("right_*.py")), sorted(folder.glob("wrong_*.py"))
    assert len(right) >= 7
    assert len(wrong) >= 14
    for path in right + wrong:
        header = dict(re.findall(r"^# (\w+): (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert set(header["question"].split(", ")) <= ids, path.name
        if path in wrong:
            assert header["sentence"].endswith("."), path.name
            assert header["hint"], path.name
            assert header["misconception"], path.name
        else:
            assert header["note"], path.name
        compile(path.read_text(encoding="utf-8"), path.name, "exec")
