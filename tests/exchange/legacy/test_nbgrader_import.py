"""Source notebooks of nbgrader become assignments that grade as nbgrader does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import LatePolicy
from autograder.exchange.legacy.model import ForeignAssignment, ImportFailed
from autograder.exchange.legacy.nbgrader_source import read_source
from autograder.exchange.legacy.report import as_markdown, summary
from autograder.scoring.score import score
from tests.exchange.legacy.conftest import Course, answer, checked, code, text, written

SQUARE = "def Square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"
LIMIT = "### BEGIN SOLUTION\nlimit = 3\n### END SOLUTION"
VISIBLE = "assert Square(2) == 4\n### BEGIN HIDDEN TESTS\nassert near(Square(3), 9)\n### END HIDDEN TESTS"
RAISES = "try:\n    Square('a')\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError"
RENAMED = "kept = Square\ndel Square\ntry:\n    twice(2)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\nfinally:\n    Square = kept"  # noqa: E501
SOURCE = (
    text("# Homework"),
    code("import math\n\ndef near(a, b):\n    return abs(a - b) < 1e-9", grade_id="setup", locked=True),
    answer("Square-1", SQUARE),
    checked("visible", 1, VISIBLE),
    checked("raises", 1, RAISES),
    answer("Limit", LIMIT),
    checked("limit_is", 2, "from math import isclose\ndef same(a, b):\n    return a == b\nassert same(limit, 3)"),
    checked("same_again", 1, "assert same(limit, 3) and isclose(3, 3)"),
    checked("partial", 4, "4 if limit == 3 else 1.0"),
    code("limit = 0"),
    answer("Twice", "def twice(x):\n    ### BEGIN SOLUTION\n    return Square(x) + Square(x)\n    ### END SOLUTION"),
    checked("uses_square", 3, RENAMED),
    text("Explain.\n### BEGIN MARK SCHEME\nOne point a reason.\n### END MARK SCHEME",
         grade_id="why", grade=True, solution=True, points=2),
    text("A task.", grade_id="task", task=True, points=5, locked=True),
)  # fmt: skip


def student(
    square: str = "return x * x", limit: str = "limit = 3", twice: str = "return Square(x) + Square(x)"
) -> list:
    """The release as a student hands it in; hidden lines are gone."""
    answers = {
        "Square-1": f"def Square(x):\n    {square}",
        "Limit": limit,
        "Twice": f"def twice(x):\n    {twice}",
    }
    cells = []
    for cell in SOURCE:
        id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        shown = cell["source"].split("### BEGIN")[0] if "MARK" in cell["source"] or "HIDDEN" in cell["source"] else None
        cells.append({**cell, "source": answers.get(id, shown if shown is not None else cell["source"])})
    return cells


@pytest.fixture(scope="module")
def course(imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory) -> Course:
    return imported(read_source(written(tmp_path_factory.mktemp("source"), *SOURCE)))


def test_levels_and_report(course: Course) -> None:
    levels = {item.id: item.level for item in course.draft.items}
    assert levels.pop("uses_square") == "beside", "it takes a name away from the student's code"
    assert set(levels.values()) == {"trusted"}
    assert summary(course.draft) == "5 items trusted, 1 beside, 0 left; 2 questions for a person"
    report = as_markdown(course.draft)
    assert "| twice | uses_square | 3 | beside |" in report
    assert "task" in report


def test_questions_have_their_points(course: Course) -> None:
    assert {q.id: (q.kind, q.points) for q in course.assignment.questions} == {
        "square_1": ("tests", 2),
        "limit": ("tests", 7),
        "twice": ("tests", 3),
        "why": ("manual", 2),
        "task": ("manual", 5),
    }


def test_hidden_lines_and_solutions_stay_here(course: Course) -> None:
    released = course.assignment.starter_path.read_text()
    assert "near(Square(3)" not in released
    assert "x * x" not in released
    assert "One point a reason" not in released
    assert "assert Square(2) == 4" in released


def test_a_right_submission_of_nbgraders_release(course: Course) -> None:
    everything = {item.id for item in course.draft.items}
    assert course.passed(*student()) == everything


def test_state_is_that_at_the_cell(course: Course) -> None:
    """`limit` is bound again later; nbgrader has scored it by then."""
    assert {"limit_is"} <= course.passed(*student())
    late = [*student(limit="limit = 1"), code("limit = 3")]
    assert "limit_is" not in course.passed(*late)


def test_partial_credit_is_points(course: Course) -> None:
    evidence = course.grade(*student(limit="limit = 2"))
    result = score(evidence, course.assignment, LatePolicy())
    points = {question.id: question.score for question in result.questions}
    assert points["limit"] == 1.0
    assert points["square_1"] == 2.0
    assert points["why"] == points["task"] == 0.0  # nothing was written, and no cell added: no person has to look


def test_an_answer_as_nbgrader_hands_it_out_is_nobodys_work(course: Course) -> None:
    """nbgrader puts its own words where an answer goes; they are known, and so is one word more."""

    def status(words: str) -> str:
        cells = student()
        place = next(i for i, c in enumerate(cells) if c["metadata"].get("nbgrader", {}).get("grade_id") == "why")
        result = score(course.grade(*cells[:place], {**cells[place], "source": words}, *cells[place + 1 :]),
                       course.assignment, LatePolicy())  # fmt: skip
        return next(question.status for question in result.questions if question.id == "why")

    assert status("YOUR ANSWER HERE") == "untouched"
    assert status("YOUR ANSWER HERE because") == "needs_manual_grade"


def test_what_a_test_takes_away_is_away_for_student_code(
    imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`sorted = None` and `functools.reduce = None` in a hidden line mean: write it yourself."""
    hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS\nassert {}"
    cells = (
        code("import functools\nfrom math import sqrt", grade_id="setup", locked=True),
        answer("Order", "def order(x):\n    ### BEGIN SOLUTION\n    x = list(x)\n    x.sort()\n    return x\n    "
                        "### END SOLUTION"),
        checked("by_hand", 1, hidden.format("sorted = None", "order([2, 1]) == [1, 2]")),
        answer("Total", "def total(x):\n    ### BEGIN SOLUTION\n    return sum(x)\n    ### END SOLUTION"),
        checked("no_reduce", 1, hidden.format("functools.reduce = None", "total([2, 1]) == 3")),
        answer("Root", "def root(x):\n    ### BEGIN SOLUTION\n    return x ** 0.5\n    ### END SOLUTION"),
        checked("no_sqrt", 1, hidden.format("sqrt = None", "root(4) == 2")),
        checked("own_names", 1, "x = root(9)\nassert x == 3"),
    )  # fmt: skip
    course = imported(read_source(written(tmp_path_factory.mktemp("reaching"), *cells)))
    levels = {item.id: item.level for item in course.draft.items}
    assert levels == {"by_hand": "beside", "no_reduce": "beside", "no_sqrt": "beside", "own_names": "trusted"}
    assert "binds sorted anew" in course.draft.items[0].why
    forbidden = {
        "Order": "def order(x):\n    return sorted(x)",
        "Total": "def total(x):\n    return functools.reduce(lambda a, b: a + b, x)",
        "Root": "def root(x):\n    return sqrt(x)",
    }
    shown = [{**c, "source": c["source"].split("### BEGIN HIDDEN")[0] + c["source"].split("HIDDEN TESTS\n")[-1]
              if "HIDDEN" in c["source"] else c["source"]} for c in cells]  # fmt: skip
    assert course.passed(*shown) == set(levels)
    ids = [c["metadata"].get("nbgrader", {}).get("grade_id", "") for c in shown]
    taken = [{**c, "source": forbidden.get(id, c["source"])} for id, c in zip(ids, shown, strict=True)]
    assert course.passed(*taken) == {"own_names"}
    assert callable(functools.reduce), "no module of this process was touched"


def test_what_students_have_to_import_must_be_there(
    imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The module that judges is the reference's; a notebook that never imported it fails as it does in nbgrader."""
    cells = (
        answer("Import", "### BEGIN SOLUTION\nimport math as m\n### END SOLUTION"),
        checked("has_m", 1, "assert m.floor(2.5) == 2"),
        text("## Why?"),
        text("Because.", grade_id="why", grade=True, solution=True, points=2),
        text("## End"),
    )
    course = imported(read_source(written(tmp_path_factory.mktemp("asked"), *cells)))
    assert course.draft.items[0].level == "trusted"
    release = [*cells[:3], {**cells[3], "source": "YOUR ANSWER HERE"}, cells[4]]
    assert course.passed(*release) == {"has_m"}
    nothing = [{**cells[0], "source": "# YOUR CODE HERE\nraise NotImplementedError()"}, *release[1:]]
    assert course.passed(*nothing) == set()
    faked = [{**cells[0], "source": "class m:\n    floor = staticmethod(lambda x: 3)"}, *release[1:]]
    assert course.passed(*faked) == {"has_m"}, "what judges is never the student's"
    result = score(course.grade(*release), course.assignment, LatePolicy())
    assert next(q.status for q in result.questions if q.id == "why") == "untouched", "headings stand around it"


def test_what_no_longer_runs_takes_only_its_own_items_out(
    imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Courses are older than the libraries that they are graded with: one solution that raises is no end."""
    gone = "import math\nfrom math import no_longer_there\nother = 1"
    cells = (
        code(gone, grade_id="setup", locked=True),
        answer("Root", "def root(x):\n    ### BEGIN SOLUTION\n    return math.sqrt(x)\n    ### END SOLUTION\nroot(4)"),
        checked("root_is", 1, " assert root(9) == 3"),
        answer("Total", "total = 0\n### BEGIN SOLUTION\ntotal = no_longer_there(3)\n### END SOLUTION"),
        checked("total_is", 2, "assert total == 3"),
    )
    course = imported(read_source(written(tmp_path_factory.mktemp("old"), *cells)))
    assert {item.id: item.level for item in course.draft.items} == {"root_is": "trusted", "total_is": None}
    said = as_markdown(course.draft)
    assert "setup: raises with the solution" in said
    assert "Total: the solution in it raises" in said
    assert course.passed(*cells) == {"root_is"}


def test_a_wrong_answer_fails_its_items_only(course: Course) -> None:
    assert course.passed(*student(square="return x + x")) == {"limit_is", "same_again", "partial", "uses_square"}


def test_what_agrees_with_everything_earns_nothing_trusted(course: Course) -> None:
    agreeing = "class A:\n    def __eq__(s, o): return True\n    def __bool__(s): return True\nlimit = A()"
    assert not {"limit_is"} & course.passed(*student(limit=agreeing))


def test_a_helper_of_a_test_is_never_the_students(course: Course) -> None:
    """A later test uses what an earlier one defined; in the notebook a student could have put another in its place."""
    mine = code("def same(a, b):\n    return True")
    cells = student(limit="limit = 4")
    place = next(i for i, cell in enumerate(cells) if cell["source"].startswith("assert same"))
    assert "same_again" not in course.passed(*cells[:place], mine, *cells[place:])


def test_a_process_that_ends_passes_nothing_that_expects_an_exception(course: Course) -> None:
    assert "raises" not in course.passed(*student(square="import os; os._exit(0)"))


def test_an_edited_setup_cell_does_not_count(course: Course) -> None:
    cells = student(square="return x + 2")
    cells[1] = {**cells[1], "source": "def near(a, b):\n    return True"}
    assert "visible" not in course.passed(*cells)


def test_a_deleted_test_cell_is_scored_all_the_same(course: Course) -> None:
    cells = [cell for cell in student() if cell["metadata"].get("nbgrader", {}).get("grade_id") != "limit_is"]
    assert "limit_is" in course.passed(*cells)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([code("x = 1")], "no cell with nbgrader metadata"),
        ([checked("t", 1, "assert True")], "no cell that students fill in"),
        ([answer("a", LIMIT), answer("a", LIMIT)], "a second time"),
    ],
)
def test_refusals_name_what_was_found(tmp_path: Path, cells: list, said: str) -> None:
    with pytest.raises(ImportFailed, match=said):
        read_source(written(tmp_path, *cells))


def test_a_release_has_visible_parts_only(tmp_path: Path) -> None:
    stub = answer("f", "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()")
    draft = read_source(written(tmp_path, stub, checked("t", 1, "assert f() == 1")))
    assert not draft.reference
    assert [item.only_visible for item in draft.items] == [True]


def test_other_delimiters_are_read_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.ClearHiddenTests.begin_test_delimeter = 'VERBORGEN'\n"
        "c.ClearHiddenTests.end_test_delimeter = 'SICHTBAR'\n"
    )
    hidden = "assert limit\n# VERBORGEN\nassert limit == 3\n# SICHTBAR"
    draft = read_source(written(tmp_path, answer("Limit", LIMIT), checked("t", 1, hidden)))
    assert draft.items[0].visible == "assert limit"
    assert draft.items[0].source == "assert limit\nassert limit == 3"


def test_a_picture_stays_a_file_beside_the_notebook(
    imported: Callable[[ForeignAssignment], Course], tmp_path: Path
) -> None:
    (tmp_path / "cat.png").write_bytes(b"not looked at")
    named = text("![a cat](cat.png) and ![none](no/where.png) and ![gone](gone.svg)")
    source = written(tmp_path, named, answer("f", "### BEGIN SOLUTION\nf = 1\n### END SOLUTION"),
                     checked("t", 1, "assert f == 1"))  # fmt: skip
    course = imported(read_source(source))
    released = course.assignment.starter_path.read_text()
    assert "![a cat](./cat.png) and ![none](no/where.png) and ![gone](./gone.svg)" in released
    assert [path.name for path in course.assignment.public_paths] == ["cat.png"]
