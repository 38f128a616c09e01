"""Pages say the deadline that holds for each student: the common one with every extension."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.adjustments import load_adjustments
from autograder.course.course import Course, load_course
from autograder.course.roster import Roster, course_roster
from autograder.reports.options import IndexOptions
from autograder.reports.people import people_view
from autograder.results.store import Store
from autograder.runs.pages import write_about_class

COURSE = """title: T
time_zone: Europe/Berlin
roster: roster.csv
assignments:
- {name: blocks, title: B, due: 2026-10-12T23:59:00+02:00, questions: [{id: a, title: A, points: 1}]}
"""
ROSTER = "id,group,extensions\ns1,,\ns2,,blocks=+1d\ns3,pair,blocks=+1d\ns4,pair,\ns5,,\n"
DECIDED = """adjustments:
- {kind: extension, assignment: blocks, until: 2026-10-14T12:00:00+02:00,
   students: [s5], who: a, why: b, when: 2026-10-10}
"""
NOON = datetime(2026, 10, 13, 12, tzinfo=UTC)  # after the common deadline, before all others


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for name, text in (("course.yaml", COURSE), ("roster.csv", ROSTER), ("adjustments.yaml", DECIDED)):
        (tmp_path / name).write_text(text)
    return load_course(tmp_path)


@pytest.fixture
def roster(course: Course) -> Roster:
    return course_roster(course)


def test_nothing_handed_in_yet_while_somebody_still_may(course: Course, roster: Roster) -> None:
    options = IndexOptions(made_at=NOON, adjustments=load_adjustments(course))
    words = {row.student: row.word for row in people_view(course.assignment("blocks"), roster, (), options).rows}
    late, may = "Nothing handed in", "Nothing handed in yet"
    assert words == {"s1": late, "s2": may, "s3": may, "s4": may, "s5": may}
    later = replace(options, made_at=NOON.replace(day=15))
    assert {row.word for row in people_view(course.assignment("blocks"), roster, (), later).rows} == {late}


def test_the_page_over_the_term_names_the_student_s_own_deadline(
    course: Course, roster: Roster, tmp_path: Path
) -> None:
    with Store(tmp_path / "results") as store:
        write_about_class(store, course, roster, load_adjustments(course), (), NOON)
        pages = {student.id: store.layout.overview(student.id).read_text() for student in roster.students}
    assert "12 October 2026, 23:59" in pages["s1"]
    for student in ("s2", "s3", "s4"):
        assert "13 October 2026, 23:59" in pages[student]
    assert "14 October 2026, 12:00" in pages["s5"]
