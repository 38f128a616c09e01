"""adjustments.yaml: what it may say, and what is said about its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.adjustments import Adjustments, DropTest, Extend, load_adjustments
from autograder.course.course import Course, CourseError

HEAD = "adjustments:\n"
SIGNED = "    who: anna\n    why: because\n    when: 2026-10-20\n"


def write(course: Course, text: str) -> Path:
    path = course.root / "adjustments.yaml"
    path.write_text(text)
    return path


def test_no_file_means_no_adjustments(course: Course) -> None:
    assert load_adjustments(course) == Adjustments()


def test_a_named_file_must_be_there(course: Course) -> None:
    with pytest.raises(CourseError, match=r"other\.yaml"):
        load_adjustments(course, course.root / "other.yaml")


def test_every_kind_is_read(course: Course) -> None:
    bodies = [
        "kind: drop_test\n    question: one\n    test: test_one",
        "kind: reweight_test\n    question: one\n    test: test_one[0]\n    weight: 2",
        "kind: reweight_question\n    question: one\n    points: 6",
        "kind: excuse\n    question: two\n    students: [s1, s2]",
        "kind: points\n    question: one\n    points: 6\n    students: [s1]",
        "kind: extension\n    until: 2026-10-19T23:59:00+02:00\n    students: [s1]",
        "kind: waive_late",
        "kind: received_at\n    at: 2026-10-12T20:00:00+02:00\n    students: [s1]",
    ]
    write(course, HEAD + "".join(f"  - {body}\n    assignment: 01_first\n{SIGNED}" for body in bodies))
    read = load_adjustments(course)
    assert [entry.kind for entry in read.entries] == [body.split()[1] for body in bodies]
    first, extension = read.entries[0], read.entries[5]
    assert isinstance(first, DropTest)
    assert (first.who, first.why, str(first.when)) == ("anna", "because", "2026-10-20")
    assert isinstance(extension, Extend)
    assert extension.until.utcoffset() is not None
    assert len(read.applying_to("01_first", {"s9"}).entries) == 4
    assert read.applying_to("02_other", {"s1"}).entries == ()


@pytest.mark.parametrize(
    ("entry", "messages"),
    [
        ("kind: drop\n    assignment: 01_first", [":2: found 'drop'", "drop_test"]),
        ("kind: waive_late\n    assignment: 01_frist", [":3: found '01_frist' (did you mean '01_first'?)"]),
        ("kind: excuse\n    assignment: 01_first\n    question: onne", [":4: found 'onne' (did you mean 'one'?)"]),
        ("kind: waive_late\n    assignment: 01_first\n    points: 3", [":4: found '3'", "no 'points' for waive_late"]),
        (
            "kind: points\n    assignment: 01_first\n    question: one\n    points: 5\n    students: [s1]",
            [":5: found '5'", "at most 4"],
        ),
        ("kind: points\n    assignment: 01_first\n    question: one\n    points: 1", ["no 'students'"]),
        (
            "kind: reweight_question\n    assignment: 01_first\n    question: one\n    points: 1\n    students: [s1]",
            [":6: found a list", "the same to everybody"],
        ),
        ("kind: extension\n    assignment: 01_first\n    until:\n    students: []", ["as 'until'", "as 'students'"]),
        (
            "kind: reweight_test\n    assignment: 01_first\n    question: one\n    test: t\n    weight: -1",
            [":6: found '-1'", "at least 0"],
        ),
    ],
)
def test_a_mistake_names_file_line_found_and_expected(course: Course, entry: str, messages: list[str]) -> None:
    write(course, f"{HEAD}  - {entry}\n{SIGNED}")
    with pytest.raises(CourseError) as caught:
        load_adjustments(course)
    text = str(caught.value)
    assert text.startswith("adjustments.yaml:")
    for message in messages:
        assert message in text


def test_who_why_and_when_are_required(course: Course) -> None:
    write(course, HEAD + "  - kind: waive_late\n    assignment: 01_first\n    when: yesterday\n")
    with pytest.raises(CourseError) as caught:
        load_adjustments(course)
    text = str(caught.value)
    assert "no 'who'" in text
    assert "no 'why'" in text
    assert "'yesterday'" in text
