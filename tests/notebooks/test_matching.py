"""Cells moved, merged, copied, deleted, retyped; tags and ids lost; what is run of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.course.course import question_id_of
from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks import matching as matching_module
from autograder.notebooks.matching import Matching, match_to_release, matched_cells, not_found
from autograder.notebooks.plan import plan_execution
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
    return [
        cell.action
        for cell in plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS)).cells
        if not cell.added
    ]


def holding(matching: Matching, question: str) -> tuple[int, ...]:
    """Positions of the cells that hold this question's blanks."""
    return tuple(cell.index for cell in matching.cells if question in cell.questions)


def test_the_starter_itself() -> None:
    book = notebook(*as_released(soften=FILLED))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert (matching.release, matching.missing, matching.notices) == (RELEASE, (), ())
    assert [cell.by for cell in matching.cells] == ["grade_id"] * 8
    assert holding(matching, "soften") == (1,)
    assert holding(matching, "quiz") == (5, 6)
    assert holding(matching, "noise_figure") == (7,)
    assert [cell.index for cell in matching.cells if cell.train] == [4]
    plan = plan_execution(book, matching).cells
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
    assert [cell.by for cell in matching.cells] == ["", "names", "likeness", "names"], "three short lines are like much"
    assert holding(matching, "soften") == (1,)
    assert holding(matching, "quiz") == (3,)
    assert matching.missing == ("kl_distillation", "noise_figure")
    said = [f"The cell of question '{question}' was not found in this notebook." for question in matching.missing]
    assert not_found(matching) == said
    assert not_found(matching, {"kl_distillation"}) == said[1:]  # it earned something, wherever it stands


def test_a_split_training_cell_is_still_training() -> None:
    first, second = TRAIN.rsplit("\nfor", 1)
    assert actions(notebook(first, "for" + second)) == ["skip", "skip"]


def test_a_cell_of_which_half_is_training_is_a_cell_of_the_students() -> None:
    own = "scores = []\nfor width in (1, 2, 4):\n    scores.append(measure(student, width).item())\nprint(max(scores))"
    part = TRAIN.partition("\nfor")[0]
    assert actions(notebook(f"{part}\n{own}")) == ["run"]


def test_a_blank_merged_into_the_training_is_run_without_the_training() -> None:
    book = notebook((f"{FILLED}\n\n{TRAIN}\nprint('done')", {"id": "c4"}))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert holding(matching, "soften") == (0,)
    (cell,) = [cell for cell in plan_execution(book, matching).cells if not cell.added]
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
    assert holding(matching, "soften") == (1, 2)
    assert actions(book) == ["skip", "run", "run", "run", "skip"]


def test_empty_and_oversized_cells_are_not_run() -> None:
    book = notebook("x = 1", "  \n", "y = '" + "é" * 20_000 + "'")
    plan = plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS)).cells[1:]  # after the setup
    assert [(cell.action, bool(cell.reason)) for cell in plan] == [("run", False), ("skip", True), ("skip", True)]


def test_which_release() -> None:
    old = ReleaseDescriptor(
        "r1", (ReleasedCell("o1", "soften", "code", (), "def soften(x): raise NotImplementedError"),)
    )
    assert match_to_release(notebook("x", release="r1"), [old, RELEASE], QUESTIONS).release is old
    for said in ("", "forged"):
        matching = match_to_release(notebook(*as_released(), release=said), [old, RELEASE], QUESTIONS)
        assert matching.release is RELEASE
        named = f"names the release '{said}', which is not known" if said else "names no release"
        assert matching.notices == (f"The notebook {named}; it was compared with the one that fits best.",)
    assert match_to_release(notebook("x", release=""), [old, RELEASE], QUESTIONS).release is RELEASE
    (notice,) = match_to_release(notebook("x", release="x" * 50), [RELEASE], QUESTIONS).notices
    assert f"'{'x' * 40}'" in notice


def test_without_any_release_cells_are_what_they_say() -> None:
    named = {"metadata": {"tags": ["train"], "nbgrader": {"grade_id": "soften"}}}
    book = notebook((FILLED, named), (FILLED, {**named, "cell_type": "markdown"}), "x = 1")
    matching = match_to_release(book, [], QUESTIONS)
    assert matching.release is None
    assert [(cell.grade_id, cell.train) for cell in matching.cells] == [
        ("soften", True),
        ("soften", False),
        ("", False),
    ]


def test_a_notebook_that_names_no_release_is_of_the_one_with_most_of_its_cells() -> None:
    """By ids and by what is still as it was handed out, each as far as it is there; of equals the newest."""
    texts = [f"What is said in part {number}." for number in range(4)]
    old, new = (
        ReleaseDescriptor(
            name, tuple(ReleasedCell(f"{name}{n}", "", "markdown", (), text) for n, text in enumerate(of))
        )
        for name, of in (("r1", texts[:3]), ("r2", [*texts[:2], "Another third part.", "And a fourth."]))
    )

    def chosen(*cells: tuple[str, str]) -> ReleaseDescriptor | None:
        made = [
            (source, {"id": id, "cell_type": "markdown"} if id else {"cell_type": "markdown"}) for id, source in cells
        ]
        return match_to_release(notebook(*made, "x = 1", release=""), [old, new], QUESTIONS).release

    assert chosen(*(("", text) for text in texts[:3])) is old, "by its words alone"
    assert chosen(("r10", "Mine."), ("r11", "Mine, too.")) is old, "by its ids alone"
    assert chosen(("r10", "Mine."), ("", "Another third part."), ("", "And a fourth.")) is new, "two against one"
    assert chosen(("r10", texts[2]), ("", "Another third part.")) is old, "a cell that kept both counts twice"
    assert chosen(*(("", text) for text in texts[:2])) is new, "of equals the newest"


@pytest.mark.parametrize(("grade_id", "question"), [
    ("soften", "soften"), ("quiz_3", "quiz"), ("quiz", "quiz"), ("check_soften", ""), ("", ""), ("soften_text", ""),
])  # fmt: skip
def test_question_id_of(grade_id: str, question: str) -> None:
    assert question_id_of(grade_id, QUESTIONS) == question


def test_what_is_compared_is_bounded_however_large_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing costs time for each character: a notebook of 2.7 million buys no more than its part."""
    compared: list[int] = []
    shingles = matching_module._shingles
    monkeypatch.setattr(matching_module, "_shingles", lambda source: compared.append(len(source)) or shingles(source))
    book = notebook(*[f"{'(a+' * 300}{i}" for i in range(3000)])
    plan_execution(book, match_to_release(book, [RELEASE], QUESTIONS))
    assert 0 < sum(compared) <= matching_module._MAX_COMPARED + sum(len(cell.source) for cell in RELEASE.cells)


def test_evidence_names_each_released_cell_once_at_the_answer_that_counts() -> None:
    """A blank typed anew in a new cell counts; the stub that was left above or below it does not."""
    stub, rest = as_released()[1], as_released()[3:]
    for cells in ([stub, FILLED, *rest], [FILLED, stub, *rest]):
        matching = match_to_release(notebook(*cells), [RELEASE], QUESTIONS)
        answer = cells.index(FILLED)
        assert matching.grade_ids[answer] == "soften"
        assert list(matching.grade_ids.values()).count("soften") == 1
        of_answer = next(cell for cell in matched_cells(matching) if cell.index == answer)
        assert of_answer.questions == ("soften",)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("more", [{"id": "c1"}, {"metadata": {"nbgrader": {"grade_id": "soften"}}}, {}])
def test_a_blank_that_became_text_is_recognised_and_said(kind: str, more: dict[str, Any]) -> None:
    book = notebook((FILLED, {**more, "cell_type": kind}), *as_released()[2:])
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert matching.missing == ()
    assert holding(matching, "soften") == (0,)
    assert matching.grade_ids[0] == "soften"
    written = {"markdown": "Markdown", "raw": "raw text"}[kind]
    assert matching.notices == (
        f"Cell 1 holds the answer to 'soften' as {written}, not as code, so it was not run. Change the cell's type "
        "back to Code.",
    )


def test_a_blank_that_became_text_is_not_said_where_another_cell_answers_it() -> None:
    book = notebook((FILLED, {"id": "c1", "cell_type": "raw"}), FILLED, *as_released()[2:])
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert matching.notices == ()
    assert matching.grade_ids[1] == "soften"


def test_a_note_of_the_students_stands_for_nothing() -> None:
    book = notebook(("My own note.", {"cell_type": "markdown"}), "x = 1")
    book = notebook(("My own note.", {"cell_type": "markdown"}), "x = 1")
    assert match_to_release(book, [ReleaseDescriptor("r2", CELLS[:7])], QUESTIONS).grade_ids == {}


def test_of_blanks_that_became_text_those_without_another_answer_are_said() -> None:
    text = {"cell_type": "raw"}
    cells = as_released()
    book = notebook((FILLED, {"id": "c1", **text}), (cells[3][0], {"id": "c3", **text}), FILLED, *cells[4:])
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert [notice.split(" as ")[0] for notice in matching.notices] == ["Cell 2 holds the answer to 'kl_distillation'"]


@pytest.mark.parametrize("kind", ["raw", "code"])
def test_a_written_answer_of_another_type_is_an_answer(kind: str) -> None:
    cells = as_released()
    cells[7] = ("With noisier labels the teacher helps more.", {**cells[7][1], "cell_type": kind})
    book = notebook(*cells)
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert matching.missing == ()
    assert matching.grade_ids[7] == "noise_figure"
    assert matching.notices == ()
    if kind == "code":
        assert "written answer" in plan_execution(book, matching).cells[-1].reason


TWO_TEXTS = (
    ReleasedCell("a", "t1_text", "markdown", (), "## Part one: what is softened, and how much of it is left over?"),
    ReleasedCell("b", "soften", "markdown", (), "*Your answer here.*"),
    ReleasedCell("c", "kl_distillation", "markdown", (), "*And here.*"),
    ReleasedCell("d", "t2_text", "markdown", (), "## Part two: this heading stands below the two answers, always."),
    ReleasedCell("e", "noise_figure", "markdown", (), "*The last one.*"),
)


def test_written_answers_without_metadata_are_known_by_their_place() -> None:
    text = [(cell.source, {"cell_type": "markdown"}) for cell in TWO_TEXTS]
    text[1], text[2], text[4] = (
        (f"An answer of my own, number {number}.", {"cell_type": "markdown"}) for number in (1, 2, 3)
    )
    book = notebook(*text, ("One more thought about it.", {"cell_type": "raw"}), "x = 1")
    matching = match_to_release(book, [ReleaseDescriptor("r2", TWO_TEXTS)], QUESTIONS)
    assert [cell.questions for cell in matching.cells] == [
        (), ("soften",), ("kl_distillation",), (), ("noise_figure",), ("noise_figure",), (),
    ]  # fmt: skip
    assert {matching.grade_ids[index] for index in (1, 2)} == {"soften", "kl_distillation"}
    assert [(cell.by, cell.stub, cell.retyped) for cell in matching.cells if cell.index in (1, 2)] == [
        ("place", False, False),
        ("place", False, False),
    ]
    assert matching.missing == ()


def test_a_variable_that_a_blank_asks_for_is_its_answer_wherever_it_is_assigned() -> None:
    cells = (ReleasedCell("p", "quiz", "code", (), "predict_1 = None  # a letter\npredict_2 = None"),)
    release = ReleaseDescriptor("r2", cells)
    matching = match_to_release(notebook('predict_1 = "c"\npredict_2: str = "b"'), [release], QUESTIONS)
    assert (matching.missing, matching.grade_ids) == ((), {0: "quiz"})
    assert match_to_release(notebook("predict_1 == 3\nx = 1"), [release], QUESTIONS).missing == ("quiz",)
