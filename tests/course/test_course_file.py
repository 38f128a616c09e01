"""course.yaml: what is read, and one message with its line for every mistake."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.course import Course, CourseError, load_course

Write = Callable[[str], Path]


def problems(path: Path) -> list[str]:
    with pytest.raises(CourseError) as caught:
        load_course(path)
    return list(caught.value.messages)


def test_everything_that_the_file_says_is_read(write_course: Write, course_text: str) -> None:
    course = load_course(write_course(course_text))
    assert (course.title, course.term) == ("A course", "autumn")
    assert course.roster_path == course.root / "roster.csv"
    assert course.late_policy.percent_per_day == 10
    assert course.late_policy.grace_minutes == 15
    assert course.late_policy.maximum_percent == 50
    first, second = course.assignments
    assert first.due == datetime(2026, 10, 12, 23, 59, tzinfo=timezone(timedelta(hours=2)))
    assert first.hours == 3
    assert first.preload == ("torch", "matplotlib.pyplot")
    assert first.public_files == (PurePosixPath("given.py"),)
    assert first.public_paths == (course.root / "given.py",)
    assert first.artifacts == ("weights.safetensors",)
    assert first.max_score == 3.5
    assert dataclasses.astuple(first.question("beta")) == ("beta", "Beta", 1.5, "manual", "always", "never")
    assert second.due is None
    assert second.question("alpha").kind == "tests"


def test_an_assignment_changes_single_limits(write_course: Write, course_text: str) -> None:
    course = load_course(write_course(course_text))
    assert course.limits.call_seconds == 5
    assert course.limits.memory_bytes == 512 << 20
    assert isinstance(course.limits.memory_bytes, int)
    first, second = course.assignments
    assert first.limits == dataclasses.replace(course.limits, call_seconds=2.5)
    assert second.limits == course.limits


def test_paths_of_an_assignment(write_course: Write, course_text: str) -> None:
    course = load_course(write_course(course_text))
    assignment, root = course.assignment("01_first"), course.root
    assert assignment.solution_path == root / "solutions/01_first/solution.py"
    assert assignment.hidden_tests_path == root / "solutions/01_first/hidden_tests.py"
    assert assignment.probes_path == root / "solutions/01_first/probes.py"
    assert assignment.bank_dir == root / "solutions/01_first/bank"
    assert assignment.starter_path == root / "assignments/01_first/01_first.ipynb"


def test_a_folder_stands_for_its_course_file(write_course: Write, course_text: str) -> None:
    path = write_course(course_text)
    assert load_course(path.parent) == load_course(path)


def test_unknown_names_are_answered_with_the_known_ones(write_course: Write, course_text: str) -> None:
    course = load_course(write_course(course_text))
    with pytest.raises(KeyError, match="did you mean '01_first'"):
        course.assignment("01_frst")
    with pytest.raises(KeyError, match="alpha, beta"):
        course.assignment("01_first").question("omega")


MISTAKES = [
    (
        "term: autumn",
        "tern: autumn",
        "course.yaml:2: found the unknown key 'tern' in the course (did you mean 'term'?)",
    ),
    ("title: A course", "title: ''", "course.yaml:1: found '' as 'title' of the course, expected a text"),
    ("title: A course\n", "", "found no 'title' in the course, expected a text"),
    ("roster: roster.csv", "roster: ../roster.csv", "course.yaml:3: found '../roster.csv' as 'roster'"),
    (
        "call_seconds: 5",
        "call_seconds: soon",
        "course.yaml:5: found 'soon' as 'call_seconds' of 'sandbox' of the course",
    ),
    ("call_seconds: 5", "call_seconds: .inf", "course.yaml:5: found '.inf' as 'call_seconds'"),
    ("call_seconds: 5", "call_seconds: 5000", "expected at most submission_seconds, which is 300"),
    ("memory_mb: 512", "memory_mb: 0.5", "course.yaml:6: found '0.5' as 'memory_mb'"),
    ("percent_per_day: 10", "percent_per_day: 110", "course.yaml:8: found '110'"),
    ("percent_per_day: 10", "percent_per_day: -1", "expected a number of at least 0 and at most 100"),
    ("name: 02_second", "name: 01_first", "course.yaml:23: found '01_first' a second time as an assignment's name"),
    ("name: 02_second", "name: ../02", "course.yaml:23: found '../02' as 'name' of assignment 2"),
    (
        "due: 2026-10-12T23:59:00+02:00",
        "due: 2026-10-12T23:59:00",
        "course.yaml:14: found '2026-10-12T23:59:00', which",
    ),
    (
        "due: 2026-10-12T23:59:00+02:00",
        "due: 2026-13-12",
        "course.yaml:14: found '2026-13-12' as 'due' of assignment '01",
    ),
    ("due: 2026-10-12T23:59:00+02:00", "due: [1]", "course.yaml:14: found a list as 'due'"),
    ("[torch, matplotlib.pyplot]", "torch", "course.yaml:16: found 'torch' as 'preload'"),
    ("[torch, matplotlib.pyplot]", "['os; rm']", "course.yaml:16: found 'os; rm' in 'preload'"),
    ("[torch, matplotlib.pyplot]", "[torch, 3]", "course.yaml:16: found '3' in 'preload'"),
    (
        "[given.py]",
        "[gone.py]",
        "course.yaml:17: found 'gone.py' in 'public_files' of assignment '01_first', which does",
    ),
    ("[given.py]", "[../given.py]", "course.yaml:17: found '../given.py' in 'public_files'"),
    ("[given.py]", "[/etc/passwd]", "course.yaml:17: found '/etc/passwd' in 'public_files'"),
    ("[given.py]", "[solutions/01_first/solution.py]", "which students must never see"),
    ("[given.py]", "[given.py, given.py]", "course.yaml:17: found 'given.py' a second time"),
    ("[weights.safetensors]", "[a/b.pt]", "course.yaml:18: found 'a/b.pt' in 'artifacts'"),
    (
        "id: beta",
        "id: alpha",
        "course.yaml:22: found 'alpha' a second time as a question's id in assignment '01_first'",
    ),
    ("id: beta", "id: Beta-1", "course.yaml:22: found 'Beta-1' as 'id'"),
    ("id: beta", "id: check_alpha", "an id that does not start with 'check_'"),
    ("points: 2", "points: -2", "course.yaml:21: found '-2' as 'points' of question 'alpha' of assignment '01_first'"),
    ("points: 2", "points: two", "course.yaml:21: found 'two' as 'points'"),
    ("points: 2, ", "", "course.yaml:21: found no 'points' in question 'alpha'"),
    ("kind: tests", "kind: test", "found 'test' (did you mean 'tests'?) as 'kind'"),
    ("visibility: always", "visibility: sometimes", "expected one of always, after_due, never"),
    ("hours: 3", "hours: 3\n    hours: 4", "course.yaml:16: found the key 'hours' a second time"),
    ("sandbox: {call_seconds: 2.5}", "sandbox: 3", "course.yaml:19: found '3', expected a mapping"),
    ("sandbox: {call_seconds: 2.5}", "sandbox: {call_second: 2}", "(did you mean 'call_seconds'?)"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES, ids=[m[1][:30] for m in MISTAKES])
def test_a_mistake_gets_its_message(
    write_course: Write, course_text: str, right: str, wrong: str, message: str
) -> None:
    assert right in course_text
    found = problems(write_course(course_text.replace(right, wrong, 1)))
    assert len(found) == 1
    assert message in found[0]
    assert found[0].startswith("course.yaml:")


def test_all_mistakes_are_reported_at_once_in_the_order_of_lines(write_course: Write, course_text: str) -> None:
    text = course_text
    for right, wrong in [
        ("points: 2", "points: -2"),
        ("call_seconds: 5", "call_seconds: x"),
        ("[given.py]", "[no.py]"),
    ]:
        text = text.replace(right, wrong, 1)
    found = problems(write_course(text))
    assert [message.split(":")[1] for message in found] == ["5", "17", "21"]


def test_a_link_out_of_the_course_is_refused(write_course: Write, course_text: str, tmp_path: Path) -> None:
    path = write_course(course_text)
    (tmp_path / "given.py").unlink()
    (tmp_path / "given.py").symlink_to("/etc/hostname")
    assert "inside it" in problems(path)[0]


def test_missing_public_files_can_be_tolerated(write_course: Write, course_text: str) -> None:
    path = write_course(course_text.replace("[given.py]", "[later.py]"))
    assert load_course(path, check_files=False).assignments[0].public_files == (PurePosixPath("later.py"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "course.yaml: found an empty file"),
        ("- 1\n- 2\n", "course.yaml:1: found a list"),
        ("title: [\n", "course.yaml:2: found broken YAML"),
        ("title: a\x07b\n", "found broken YAML"),
        ("title: A\nassignments: []\n", "expected a list with at least one assignment"),
        ("title: A\n", "found no 'assignments' in the course"),
    ],
)
def test_files_that_are_no_course(write_course: Write, text: str, message: str) -> None:
    assert any(message in problem for problem in problems(write_course(text)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "No such file" in problems(tmp_path / "course.yaml")[0]
    (tmp_path / "course.yaml").write_bytes(b"title: \xff\xfe")
    assert "not UTF-8" in problems(tmp_path / "course.yaml")[0]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_places = ["A course", "roster.csv", "512", "10", "01_first", "2026-10-12T23:59:00+02:00", "[given.py]",
           "{call_seconds: 2.5}", "alpha", "1.5", "manual", "[torch, matplotlib.pyplot]"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(_places), value=_values)
def test_whatever_stands_in_a_place_is_read_or_refused(
    write_course: Write, course_text: str, place: str, value: object
) -> None:
    """Nothing but a Course or a CourseError ever comes out."""
    path = write_course(course_text.replace(place, json.dumps(value, ensure_ascii=False), 1))
    messages: tuple[str, ...] = ()
    course: Course | None = None
    try:
        course = load_course(path)
    except CourseError as error:
        messages = error.messages
    assert (course is None) == bool(messages)
    assert all("expected" in message for message in messages)


def test_the_course_of_this_repository_is_right() -> None:
    course = load_course(Path(__file__).parents[2])
    for assignment in course.assignments:
        blanks = [q for q in assignment.questions if q.kind == "tests"]
        explaining = [q for q in assignment.questions if q.kind == "manual" or q.id.startswith(("predict", "repair"))]
        share = sum(q.points for q in explaining) / assignment.max_score
        assert len([q for q in blanks if not q.id.startswith("repair")]) <= 6
        assert 0.25 <= share <= 0.45, assignment.name
