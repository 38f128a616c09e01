"""What a person grades: answers nobody has begun with, and cells that a student adds after a task."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.course.releases import ReleasedCell, ReleaseDescriptor, Releases, load_releases
from autograder.notebooks.matching import match_to_release, matched_cells
from autograder.notebooks.plan import plan_execution
from autograder.notebooks.read import Notebook, read_notebook

QUESTIONS = ["explore", "plot", "essay"]
CELLS = (
    ReleasedCell("c0", "", "code", ("setup",), "import math"),
    ReleasedCell(
        "c1", "explore", "markdown", (), "Explore the file and say what you find, in cells of your own.", True
    ),
    ReleasedCell("c2", "part_2", "markdown", (), "## Part two: a picture and a text, which everybody reads"),
    ReleasedCell("c3", "plot", "code", (), "# one bar a city\nraise NotImplementedError"),
    ReleasedCell("c4", "essay", "markdown", (), "Why?\n\n*Your answer:*"),
)
RELEASE = ReleaseDescriptor("r1", CELLS)


def handed_in(*added: tuple[int, str, str], **changed: str) -> Notebook:
    """The starter, with answers by grade_id, and with added cells (after which released cell, kind, source)."""
    made: list[dict[str, Any]] = []
    for place, cell in enumerate(CELLS):
        metadata = {"nbgrader": {"grade_id": cell.grade_id}} if cell.grade_id else {}
        source = changed.get(cell.grade_id, cell.source)
        made.append({"id": cell.id, "cell_type": cell.cell_type, "source": source, "metadata": metadata})
        made += [{"cell_type": kind, "source": text, "metadata": {}} for after, kind, text in added if after == place]
    metadata = {"autograder": {"assignment": "a", "release": "r1"}}
    return read_notebook(json.dumps({"nbformat": 4, "metadata": metadata, "cells": made}).encode(), "a")


def untouched(notebook: Notebook) -> set[str]:
    cells = matched_cells(match_to_release(notebook, [RELEASE], QUESTIONS))
    return {question for cell in cells if cell.untouched for question in cell.questions}


def test_the_starter_is_untouched_everywhere() -> None:
    assert untouched(handed_in()) == {"explore", "plot", "essay"}


@pytest.mark.parametrize(
    ("question", "answer", "left"),
    [
        ("plot", "# one bar a city\nraise NotImplementedError   \n", {"explore", "plot", "essay"}),
        ("plot", "", {"explore", "plot", "essay"}),
        ("plot", "# I did not get this to run: see below", {"explore", "essay"}),
        ("plot", "plt.bar(x, y)", {"explore", "essay"}),
        ("essay", "Why?\n\n# Because", {"explore", "plot"}),
    ],
)
def test_a_word_is_an_answer_and_a_space_is_none(question: str, answer: str, left: set[str]) -> None:
    assert untouched(handed_in(**{question: answer})) == left


@pytest.mark.parametrize(("after", "left"), [(2, {"essay"}), (3, set())])
def test_an_answer_in_a_cell_beside_its_blank_is_left_to_a_person(after: int, left: set[str]) -> None:
    assert untouched(handed_in((after, "code", "plt.bar(cities, sums)"))) == left
    assert untouched(handed_in((after, "code", "  "))) == {"explore", "plot", "essay"}


def test_what_follows_a_task_is_its_answer_and_runs() -> None:
    book = handed_in((1, "code", "found = math.pi"), (1, "markdown", "It is round."), (4, "code", "more = 1"))
    matching = match_to_release(book, [RELEASE], QUESTIONS)
    assert [cell.index for cell in matching.cells if "explore" in cell.questions] == [1, 2, 3]
    assert matching.missing == ()
    assert list(matching.grade_ids.values()) == ["explore", "part_2", "plot", "essay"]
    assert "found = math.pi" in [cell.source for cell in plan_execution(book, matching).cells if cell.action == "run"]
    assert untouched(book) == {"plot"}, "the cell after the essay may be its answer"


def test_a_task_is_untouched_only_where_nothing_was_added_anywhere() -> None:
    assert "explore" not in untouched(handed_in((4, "markdown", "My findings: nothing.")))


def test_releases_keep_which_cell_is_a_task(tmp_path: Any) -> None:
    path = tmp_path / "releases.json"
    path.write_text(Releases((RELEASE,)).to_json())
    assert load_releases(path).entries[0].cells == CELLS
