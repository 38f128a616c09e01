"""Cells moved, merged, copied, deleted, retyped; tags and ids lost; what is run of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.course import question_id_of
from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks import matching
from autograder.notebooks.matching import likeness, match_to_release, plan_execution
from autograder.notebooks.read import Notebook, read_notebook

QUESTIONS = ["soften", "kl_distillation", "quiz", "noise_figure"]
TRAIN = (
    "student = MobileNet()\noptimizer = torch.optim.SGD(student.parameters(), lr=0.1)\nfor epoch in range(30):\n"
    "    distill_epoch(student, teacher, loader, optimizer, 4.0, 0.9)\ntorch.save(student.state_dict(), 'student.pt')"
)
BLANK = 'def soften(logits, T):\n    """Probabilities at temperature T."""\n    raise NotImplementedError'
FILLED = 'def soften(logits, T):\n    """Probabilities at temperature T."""\n    return (logits / T).softmax(-1)'
CELLS = (
    ReleasedCell("c0", "setup", "code", ("setup",), "import torch\nfrom torch import nn\nimport math"),
    ReleasedCell("c1", "soften", "code", (), BLANK),
    ReleasedCell("c2", "check_soften", "code", ("check",), "assert soften(torch.zeros(1, 3), 2.0).sum() == 1"),
    ReleasedCell("c3", "kl_distillation", "code", (), "def kl_distillation(s, t, T):\n    raise NotImplementedError"),
    ReleasedCell("c4", "train", "code", ("train",), TRAIN),
    ReleasedCell("c5", "quiz_1", "code", (), 'quiz_1 = None  # one of "a", "b", "c", "d"'),
    ReleasedCell("c6", "quiz_2", "code", (), 'quiz_2 = None  # one of "a", "b", "c", "d"'),
    ReleasedCell("c7", "noise_figure", "markdown", (), "*Your answer here: what happens as labels get noisier?*"),
)
RELEASE = ReleaseDescriptor("r2", CELLS)


def notebook(*cells: tuple[str, dict[str, Any]] | str, release: str = "r2") -> Notebook:
    made = []
    for cell in cells:
        source, more = (cell, {}) if isinstance(cell, str) else cell
        made.append({"cell_type": "code", "source": source, "metadata": {}, **more})
    metadata = {"autograder": {"assignment": "04", "release": release}} if release else {}
    return read_notebook(json.dumps({"nbformat": 4, "metadata": metadata, "cells": made}).encode(), "a")


def as_released(**changed: str) -> list[tuple[str, dict[str, Any]]]:
    made: list[tuple[str, dict[str, Any]]] = []
    for cell in CELLS:
        metadata = {"tags": list(cell.tags), "nbgrader": {"grade_id": cell.grade_id}}
        source = changed.get(cell.grade_id, cell.source)
        made.append((source, {"id": cell.id, "cell_type": cell.cell_type, "metadata": metadata}))
    return made


def actions(book: Notebook) -> list[str]:
    return [cell.action for cell in plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS))]


def test_the_starter_itself() -> None:
    book = notebook(*as_released(soften=FILLED))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert (matching.release, matching.missing, matching.notices) == (RELEASE, (), ())
    assert [cell.by for cell in matching.cells] == ["grade_id"] * 8
    assert matching.cells_of("soften") == (1,)
    assert matching.cells_of("quiz") == (5, 6)
    assert matching.cells_of("noise_figure") == (7,)
    assert [cell.index for cell in matching.cells if cell.train] == [4]
    plan = plan_execution(book, matching)
    assert [(cell.index, cell.action) for cell in plan] == [(i, "skip" if i == 4 else "run") for i in range(7)]
    assert "Training" in plan[4].reason


def test_ids_survive_where_grade_ids_are_lost() -> None:
    book = notebook(("x = 1", {"id": "c4"}), (FILLED, {"metadata": {"id": "c1"}}))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert [(cell.by, cell.train) for cell in matching.cells] == [("id", True), ("id", False)]


def test_all_metadata_lost() -> None:
    book = notebook(
        "import torch\nfrom torch import nn\nimport math", FILLED, TRAIN.replace("30", "100"), 'quiz_1 = "b"'
    )
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert [cell.train for cell in matching.cells] == [False, False, True, False]
    assert matching.cells_of("soften") == (1,)
    assert matching.cells_of("quiz") == (3,)
    assert matching.missing == ("kl_distillation", "noise_figure")
    assert "The cell of question 'kl_distillation' was not found in this notebook." in matching.notices


def test_a_split_training_cell_is_still_training() -> None:
    first, second = TRAIN.rsplit("\nfor", 1)
    assert actions(notebook(first, "for" + second)) == ["skip", "skip"]


def test_a_blank_merged_into_the_training_is_run_without_the_training() -> None:
    book = notebook((f"{FILLED}\n\n{TRAIN}\nprint('done')", {"id": "c4"}))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert matching.cells_of("soften") == (0,)
    (cell,) = plan_execution(book, matching)
    assert cell.action == "run"
    assert cell.source.count("\n") == book.cells[0].source.count("\n")
    scope: dict[str, Any] = {}
    exec(cell.source, scope)  # noqa: S102 - the plan's own text: it must compile and not train
    assert "student" not in scope
    assert "soften" in scope


def test_tags_cannot_hide_or_invent_cells() -> None:
    tagged = {"metadata": {"tags": ["train", "skip-execution"], "nbgrader": {"grade_id": "soften"}}}
    assert actions(notebook((FILLED, tagged))) == ["run"]
    assert actions(notebook(("long_experiment()", {"metadata": {"tags": ["train"]}}), "z = 1")) == ["skip", "run"]


def test_copied_deleted_and_moved_cells() -> None:
    cells = as_released(soften=FILLED)
    book = notebook(cells[4], cells[1], cells[1], cells[0], cells[4])
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert matching.cells_of("soften") == (1, 2)
    assert actions(book) == ["skip", "run", "run", "run", "skip"]


def test_empty_and_oversized_cells_are_not_run() -> None:
    book = notebook("x = 1", "  \n", "y = '" + "é" * 20_000 + "'")
    plan = plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS))
    assert [(cell.action, bool(cell.reason)) for cell in plan] == [("run", False), ("skip", True), ("skip", True)]


def test_which_release() -> None:
    old = ReleaseDescriptor(
        "r1", (ReleasedCell("o1", "soften", "code", (), "def soften(x): raise NotImplementedError"),)
    )
    assert match_to_release(notebook("x", release="r1"), [old, RELEASE], QUESTIONS).release is old
    for said in ("", "forged"):
        matching = match_to_release(notebook(*as_released(), release=said), [old, RELEASE], QUESTIONS)
        assert matching.release is RELEASE
        assert "release" in matching.notices[0]
    assert match_to_release(notebook("x", release=""), [old, RELEASE], QUESTIONS).release is RELEASE
    assert match_to_release(notebook("x"), [], QUESTIONS).release is None


@pytest.mark.parametrize(("grade_id", "question"), [
    ("soften", "soften"), ("quiz_3", "quiz"), ("quiz", "quiz"), ("check_soften", ""), ("", ""), ("soften_text", ""),
])  # fmt: skip
def test_question_id_of(grade_id: str, question: str) -> None:
    assert question_id_of(grade_id, QUESTIONS) == question


def test_what_is_compared_is_bounded_however_large_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing costs time for each character: a notebook of 2.7 million buys no more than its part."""
    compared: list[int] = []
    shingles = matching._shingles
    monkeypatch.setattr(matching, "_shingles", lambda source: compared.append(len(source)) or shingles(source))
    book = notebook(*[f"{'(a+' * 300}{i}" for i in range(3000)])
    plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS))
    assert 0 < sum(compared) <= matching._MAX_COMPARED + sum(len(cell.source) for cell in RELEASE.cells)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_likeness(first: str, second: str) -> None:
    assert 0 <= likeness(first, second) == likeness(second, first) <= 1
    assert likeness(first, first) == 1
