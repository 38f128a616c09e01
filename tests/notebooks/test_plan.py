"""Which code is run: provided cells as they were released, answers before untouched blanks, nothing twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks import plan as plan_module
from autograder.notebooks.matching import match_to_release
from autograder.notebooks.plan import Plan, plan_execution
from autograder.notebooks.read import read_notebook

SETUP = "import torch\nfrom torch import nn\ndevice = torch.device('cpu')"
GIVEN = "WIDTHS = (128, 256, 512)\n\n\ndef step(cin, cout):\n    return nn.Conv2d(cin, cout, 3, padding=1)"
STUB = "def soften(logits, T):\n    raise NotImplementedError"
ANSWER = "def soften(logits, T):\n    return (logits / T).softmax(-1)"
CHECK = "def check_soften():\n    assert soften(torch.zeros(1, 3), 2.0).sum() == 1\n\n\ncheck_soften()"
CELLS = (
    ReleasedCell("c0", "setup", "code", ("setup",), SETUP),
    ReleasedCell("c1", "text", "markdown", (), "## Soften the logits, as the text below says that you should"),
    ReleasedCell("c2", "given_step", "code", ("given",), GIVEN),
    ReleasedCell("c3", "soften", "code", (), STUB),
    ReleasedCell("c4", "check_soften", "code", ("check",), CHECK),
    ReleasedCell("c5", "quiz_1", "code", (), 'quiz_1 = None  # one of "a", "b"'),
)
Changes = dict[str, tuple[str, str] | None]


def submitted(changes: Changes, *more: str, metadata: bool = True) -> Plan:
    """The plan for the starter with cells changed (grade_id -> type, source) or gone (None), and more at the end."""
    made: list[dict[str, Any]] = []
    for cell in CELLS:
        kind_and_source = changes.get(cell.grade_id, (cell.cell_type, cell.source))
        if kind_and_source is not None:
            kind, source = kind_and_source
            known = {"nbgrader": {"grade_id": cell.grade_id}, "tags": list(cell.tags)} if metadata else {}
            made.append({"cell_type": kind, "source": source, "metadata": known})
    made += [{"cell_type": "code", "source": source, "metadata": {}} for source in more]
    text = json.dumps({"nbformat": 4, "metadata": {"autograder": {"release": "r"}}, "cells": made})
    book = read_notebook(text.encode(), "a")
    return plan_execution(book, match_to_release(book, [ReleaseDescriptor("r", CELLS)], ["soften", "quiz"]))


def run(plan: Plan) -> list[str]:
    return [cell.source for cell in plan.cells if cell.action == "run"]


QUIZ = CELLS[5].source


@pytest.mark.parametrize("metadata", [True, False])
def test_what_is_as_released_runs_once(metadata: bool) -> None:
    plan = submitted({"soften": ("code", ANSWER)}, metadata=metadata)
    assert run(plan) == [SETUP, GIVEN, ANSWER, CHECK, QUIZ]
    assert plan.notices == ()
    assert [cell.added for cell in plan.cells] == [False] * 5
    assert [cell.role for cell in plan.cells] == ["released", "released", "answer", "check", "stub"]


def test_comments_and_blank_lines_change_nothing() -> None:
    commented = GIVEN.replace("(128, 256, 512)", "(128, 256, 512)   # three of them").replace("\n\n\n", "\n\n# mine\n")
    plan = submitted({"given_step": ("code", commented)})
    assert (len(run(plan)), plan.notices) == (5, ())


@pytest.mark.parametrize("metadata", [True, False])
def test_an_edited_cell_runs_as_the_students_and_then_as_released(metadata: bool) -> None:
    mine = GIVEN.replace("128, ", "16, ") + "\nimport math"
    plan = submitted({"given_step": ("code", mine), "soften": ("code", ANSWER)}, metadata=metadata)
    assert run(plan)[1:4] == [mine, GIVEN, ANSWER]
    first, second = (cell for cell in plan.cells if cell.source in (mine, GIVEN))
    assert (first.role, first.added, second.role, second.added) == ("own", False, "released", True)
    assert second.index >= len(CELLS)  # no cell of the notebook
    (said,) = plan.notices
    assert "cell 3." in said
    assert "as it was released" in said


@pytest.mark.parametrize(("grade_id", "place", "source"), [("setup", 0, SETUP), ("given_step", 1, GIVEN)])
@pytest.mark.parametrize("kind", ["markdown", "raw", None])
@pytest.mark.parametrize("metadata", [True, False])
def test_a_provided_cell_that_is_gone_or_text_runs_at_its_place(
    grade_id: str, place: int, source: str, kind: str | None, metadata: bool
) -> None:
    plan = submitted({grade_id: None if kind is None else (kind, source)}, metadata=metadata)
    assert run(plan)[place] == source
    assert run(plan).count(source) == 1
    assert len(plan.notices) == 1


def test_an_edited_check_runs_again_only_where_others_use_what_it_defines() -> None:
    mine = CHECK.replace("== 1", "> 0")
    assert CHECK not in run(submitted({"check_soften": ("code", mine)}))
    assert CHECK in run(submitted({"check_soften": ("code", mine)}, "check_soften()"))
    assert CHECK in run(submitted({"check_soften": None}, "check_soften()"))


def test_a_moved_or_doubled_cell_is_there() -> None:
    assert run(submitted({"given_step": None}, GIVEN)).count(GIVEN) == 1
    assert run(submitted({}, GIVEN)).count(GIVEN) == 2  # as the student has it


def test_an_untouched_blank_below_the_answer_is_left_out() -> None:
    plan = submitted({"soften": ("code", ANSWER), "quiz_1": ("code", 'quiz_1 = "b"')}, STUB, "quiz_1 = None")
    assert STUB not in run(plan)
    left_out = [cell for cell in plan.cells if cell.action == "skip"]
    assert [cell.reason for cell in left_out] == [
        "This is the blank as it was released; the answer in cell 4 counts.",
        "This is the blank as it was released; the answer in cell 6 counts.",
    ]


def test_a_whole_starter_below_the_answers_beats_none_of_them() -> None:
    plan = submitted({"soften": ("code", ANSWER)}, *(cell.source for cell in CELLS if cell.cell_type == "code"))
    assert STUB not in run(plan)
    assert run(plan).count(QUIZ) == 2  # nothing answers it


def test_an_untouched_blank_above_the_answer_runs() -> None:
    assert run(submitted({}, ANSWER)) == [SETUP, GIVEN, STUB, CHECK, QUIZ, ANSWER]


def test_a_second_answer_is_no_blank() -> None:
    better = ANSWER.replace("(-1)", "(dim=-1)")
    assert run(submitted({"soften": ("code", ANSWER)}, better))[-1] == better


def test_without_a_release_everything_is_the_students() -> None:
    text = json.dumps({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": STUB}]})
    book = read_notebook(text.encode(), "a")
    plan = plan_execution(book, match_to_release(book, [], ["soften"]))
    assert [(cell.action, cell.role) for cell in plan.cells] == [("run", "own")]


def test_work_grows_with_the_cells_of_notebook_and_release_not_with_their_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of a long release stands in a long notebook."""
    looked: list[str] = []

    class Words:
        def findall(self, source: str) -> list[str]:
            looked.append(source)
            return []

    def counted(source: str) -> tuple[str, ...]:
        looked.append(source)
        return (source,)

    cells = [ReleasedCell(f"g{n}", f"given_{n}", "code", ("given",), f"given_{n} = {n}") for n in range(60)]
    cells += [ReleasedCell(f"k{n}", f"check_{n}", "code", ("check",), f"check_{n} = {n}") for n in range(60)]
    others = [{"cell_type": "code", "source": f"mine_{n} += 1", "metadata": {}} for n in range(100)]
    text = json.dumps({"nbformat": 4, "metadata": {"autograder": {"release": "r"}}, "cells": others})
    book = read_notebook(text.encode(), "a")
    matching = match_to_release(book, [ReleaseDescriptor("r", cells)], [])
    monkeypatch.setattr(plan_module, "essence", counted)
    monkeypatch.setattr(plan_module, "_WORD", Words())
    assert len(run(plan_execution(book, matching))) == 160
    assert len(looked) <= 2 * 100 + 120
