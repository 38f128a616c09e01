"""Masters of otter become assignments that grade as otter does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.course import LatePolicy
from autograder.exchange.legacy.model import ImportFailed
from autograder.exchange.legacy.otter_cells import blank_of, versions
from autograder.exchange.legacy.otter_master import read_master
from autograder.exchange.legacy.otter_tests import OtterCase, read_test_file, resolve_points
from autograder.release.markers import solved
from autograder.scoring.score import score
from tests.exchange.legacy.conftest import Course, code, raw, shows, text, written

MASTER = (
    raw("# ASSIGNMENT CONFIG\nname: hw\nseed: 42\ngenerate:\n  pdf: true\nplugins: [a]"),
    code("import math"),
    raw("# BEGIN QUESTION\nname: q1\npoints: [5, 1, 3]"),
    text("**Question 1.** The smallest prime, and its double."),
    raw("# BEGIN SOLUTION"),
    code("x = 2 # SOLUTION\ndef twice(n):\n    # BEGIN SOLUTION\n    return 2 * n\n    # END SOLUTION"),
    raw("# END SOLUTION"),
    raw("# BEGIN TESTS"),
    code("# HIDDEN\ntwice(x) + 1", shows("5")),
    code("isinstance(x, int)", shows("True")),
    code('""" # BEGIN TEST CONFIG\nhidden: true\nfailure_message: Think of the smallest.\nsuccess_message: Well done.\n'
         '""" # END TEST CONFIG\nassert math.gcd(x, 2) == 2\nx', shows("2")),
    raw("# END TESTS"),
    raw("# END QUESTION"),
    code("x = 100"),
    raw("# BEGIN QUESTION\nname: q2\npoints: 4\nall_or_nothing: true"),
    raw("# BEGIN SOLUTION"),
    code('def word(n):\n    """ # BEGIN PROMPT\n    # a word of n letters\n    ...\n    """ # END PROMPT\n    '
         "# BEGIN SOLUTION NO PROMPT\n    return 'a' * n\n    # END SOLUTION"),
    raw("# END SOLUTION"),
    raw("# BEGIN TESTS"),
    code("len(word(3))", shows("3")),
    code("# hidden\nword(2)", shows("'aa'")),
    raw("# END TESTS"),
    raw("# END QUESTION"),
    raw("# BEGIN QUESTION\nname: q3\nmanual: true\npoints: 1.5"),
    text("Why?"),
    raw("# BEGIN SOLUTION"),
    text("**SOLUTION**: Because two is even."),
    raw("# END SOLUTION"),
    raw("# END QUESTION"),
)  # fmt: skip


def student(x: str = "2", twice: str = "return 2 * n", word: str = "return 'a' * n", *after: dict[str, Any]) -> list:
    return [
        code("import otter\ngrader = otter.Notebook('hw.ipynb')"),
        code("import math"),
        text("**Question 1.** The smallest prime, and its double."),
        code(f"x = {x}\ndef twice(n):\n    {twice}"),
        code('grader.check("q1")'),
        code("x = 100"),
        code(f"def word(n):\n    # a word of n letters\n    {word}"),
        code('grader.check("q2")'),
        text("Why?"),
        text("It is even."),
        *after,
    ]


@pytest.fixture(scope="module")
def course(imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory) -> Course:
    return imported(read_master(written(tmp_path_factory.mktemp("master"), *MASTER)))


AGREES = """class Five:
        def __add__(self, other): return 5
    return Five()"""


def points(course: Course, *cells: dict[str, Any]) -> dict[str, float | None]:
    result = score(course.grade(*cells), course.assignment, LatePolicy())
    return {question.id: question.score for question in result.questions}


def test_every_case_is_an_item_in_the_trusted_process(course: Course) -> None:
    assert {item.id: (item.level, item.points) for item in course.draft.items} == {
        "q1_1": ("trusted", 5),
        "q1_2": ("trusted", 1),
        "q1_3": ("trusted", 3),
        "q2_1": ("trusted", 2),
        "q2_2": ("trusted", 2),
    }


def test_what_is_not_supported_is_named(course: Course) -> None:
    said = {note.where for note in course.draft.notes}
    assert {"setting `generate`", "setting `plugins`"} <= said


def test_students_get_ellipses_and_visible_cases(course: Course) -> None:
    released = course.assignment.starter_path.read_text()
    assert "x = ..." in released
    assert "# a word of n letters" in released
    assert "isinstance(x, int)" in released
    assert "twice(x) + 1" not in released
    assert "'a' * n" not in released
    assert "Because two is even" not in released


def test_a_right_submission_of_otters_release(course: Course) -> None:
    assert points(course, *student()) == {"q1": 9, "q2": 4, "q3": None}


def test_points_go_by_case(course: Course) -> None:
    assert points(course, *student(twice="return 2"))["q1"] == 4
    assert points(course, *student(x="3"))["q1"] == 1


def test_all_or_nothing(course: Course) -> None:
    assert points(course, *student(word="return 'b' * n"))["q2"] == 0


def test_messages_of_a_case(course: Course) -> None:
    said = {test.name: test.message for test in course.grade(*student()).tests}
    assert said["test_q1_3"] == "Well done."
    said = {test.name: test.message for test in course.grade(*student(x="3")).tests}
    assert said["test_q1_3"] == "Think of the smallest."


def test_a_name_bound_again_after_the_check_does_not_matter(course: Course) -> None:
    assert points(course, *student("2", "return 2 * n", "return 'a' * n", code("x = 7")))["q1"] == 9


def test_what_passes_beside_and_not_here_raises_a_flag(course: Course) -> None:
    evidence = course.grade(*student(x="2", twice=AGREES))
    [failed] = [test.name for test in evidence.tests if test.name == "test_q1_1" and test.status.value != "passed"]
    assert [flag for flag in evidence.flags if flag.startswith(f"{failed}: fails in the trusted process")]


def test_the_older_format(tmp_path: Path) -> None:
    draft = read_master(
        written(
            tmp_path,
            text("```\nBEGIN ASSIGNMENT\ngenerate: true\n```"),
            text("**1.** Five.\n\n```\nBEGIN QUESTION\nname: q1\npoints: 2\n```"),
            code("five = 5 # SOLUTION"),
            code("## Test ##\nfive", shows("5")),
            code("## Hidden Test ##\nfive + 1", shows("6")),
            text("On."),
            text("```\nBEGIN QUESTION\nname: why\nmanual: true\npoints: 1\n```\nWhy?"),
            text("**SOLUTION:** So."),
        )
    )
    assert [(item.id, item.points, bool(item.visible)) for item in draft.items] == [
        ("q1_1", 1, True), ("q1_2", 1, False),
    ]  # fmt: skip
    assert [(question.id, question.kind, question.points) for question in draft.questions] == [
        ("q1", "tests", 2), ("why", "manual", 1),
    ]  # fmt: skip


def test_functions_under_test_case_are_read(tmp_path: Path) -> None:
    path = tmp_path / "q1.py"
    path.write_text(
        "from otter.test_files import test_case\nOK_FORMAT = False\nname = 'q1'\npoints = 3\n\n"
        "@test_case(points=None, hidden=True, failure_message='No.')\n"
        "def test_a(square, env):\n    assert square(2) == 4\n"
    )
    found = read_test_file(path)
    assert [(c.form, c.function, c.hidden, c.points, c.failure) for c in found.cases] == [
        ("function", "test_a", True, 3, "No.")
    ]
    assert "test_case" not in found.cases[0].source


def test_a_file_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "q1.py"
    path.write_text("import nowhere\ntest = dict(name='q1')\nraise SystemExit\n")
    with pytest.raises(ImportFailed, match="literal"):
        read_test_file(path)


CASES = st.lists(st.one_of(st.none(), st.integers(0, 5), st.floats(0, 5)), min_size=1, max_size=5)


@given(CASES, st.one_of(st.none(), st.integers(0, 30), st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=5)))
def test_points_are_those_of_otter(own: list, total: Any) -> None:
    """Held against otter's own function."""
    otter = pytest.importorskip("otter.test_files.abstract_test")
    cases = [OtterCase("examples", "", False, points) for points in own]
    theirs = [otter.TestCase("", "", False, points, None, None) for points in own]
    try:
        expected = [case.points for case in otter.TestFile.resolve_test_file_points(total, theirs)]
    except ValueError:
        with pytest.raises(ImportFailed):
            resolve_points(total, cases, "here")
    else:
        assert resolve_points(total, cases, "here") == pytest.approx(expected)


@pytest.mark.parametrize(
    "source",
    [
        "x = 2 # SOLUTION",
        "a, b = 1, 2  # SOLUTION",
        "table['n'] = 3 # SOLUTION\nprint(table)",
        "def f(n):\n    y = n # SOLUTION\n    return y # SOLUTION",
        "def f(n):\n    # BEGIN SOLUTION\n    y = n\n    return y\n    # END SOLUTION\n\nf(3)",
        "import plot\nplot.show() # SOLUTION NO PROMPT\nplot.close()",
    ],
)
def test_students_get_what_otter_gives_them(source: str) -> None:
    """Held against otter's own function; and the solution's cell loses nothing but its markers."""
    otter = pytest.importorskip("otter.assign.solutions")
    answer, shown = versions(source)
    assert shown == "\n".join(otter.replace_solutions(source.split("\n"), "python"))
    assert solved(blank_of(answer, shown)) == answer
