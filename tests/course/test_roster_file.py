"""roster.csv: who is matched by what, deadlines, and one message for every wrong line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.course import load_course
from autograder.course.deadlines import own_deadline
from autograder.course.roster import EMPTY_ROSTER, Match, Roster, RosterError, Student, course_roster, load_roster

TINY = Path(__file__).parents[1] / "grading" / "tiny_course"
HEADER = "id,email,aliases,group,section,extensions\n"
ROWS = HEADER + (
    "s1,Ada@uni.example,gs-1;lms 77,,A,\n"
    "s2,s2@uni.example,,pair-1,A,01_first=+24h\n"
    "s3,s3@uni.example,Jürgen,pair-1,B,01_first=2026-10-15T12:00+02:00; 02_second=+1.5h\n"
)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Roster]:
    def read(text: str, encoding: str = "utf-8") -> Roster:
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return load_roster(path, ["01_first", "02_second"])

    return read


Read = Callable[..., Roster]


@pytest.mark.parametrize("key", ["s1", "S1", " s1 ", "ada@UNI.example", "gs-1", "LMS 77"])
def test_a_student_is_found_by_id_email_and_alias(read: Read, key: str) -> None:
    assert read(ROWS).match(key) == Match("s1", ("s1",))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_forms_do_not_matter(read: Read, form: str) -> None:
    assert read(ROWS).match(unicodedata.normalize(form, "jürgen")) == Match("pair-1", ("s2", "s3"))


def test_a_group_stands_for_its_members(read: Read) -> None:
    assert read(ROWS).match("Pair-1") == Match("pair-1", ("s2", "s3"))
    assert read(ROWS).match("s2") == Match("pair-1", ("s2", "s3"))  # a member's hand-in is the group's


@pytest.mark.parametrize("key", ["", "s", "s11", "nobody@uni.example", "../s1", "s1\0"])
def test_nobody_else_is_matched(read: Read, key: str) -> None:
    assert read(ROWS).match(key) is None
    assert EMPTY_ROSTER.match(key) is None


def test_extensions_move_the_deadline_and_the_latest_holds_for_a_group(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(
        "title: T\nassignments:\n"
        "- {name: 01_first, title: F, due: 2026-10-12T23:59:00+02:00, questions: [{id: a, title: A, points: 1}]}\n"
        "- {name: 02_second, title: S, questions: [{id: a, title: A, points: 1}]}\n"
    )
    (tmp_path / "roster.csv").write_text(ROWS)
    course = load_course(tmp_path)
    roster = load_roster(tmp_path / "roster.csv", [a.name for a in course.assignments])
    first, second = course.assignments
    assert first.due is not None
    assert roster.due(["s1"], first) == first.due
    assert roster.due(["s2"], first) == first.due + timedelta(hours=24)
    assert roster.due(["s2", "s3"], first) == datetime.fromisoformat("2026-10-15T12:00+02:00")
    assert roster.due(["s3"], second) is None


@pytest.mark.parametrize(("extension", "late"), [("+24h", True), ("+1d", False)])
def test_hours_elapse_and_days_keep_the_clock_time(tmp_path: Path, extension: str, late: bool) -> None:
    """Clocks go back in the night after the deadline: a day is 25 hours long."""
    text = (
        "title: T\ntime_zone: Europe/Berlin\nroster: roster.csv\nassignments:\n"
        "- {name: a, title: A, due: 2026-10-24T23:59:00+02:00, questions: [{id: q, title: Q, points: 1}]}\n"
    )
    (tmp_path / "course.yaml").write_text(text)
    (tmp_path / "roster.csv").write_text(f"id,extensions\ns1,a={extension}\n")
    course = load_course(tmp_path)
    due = course_roster(course).due(["s1"], course.assignments[0])
    assert due is not None
    assert (datetime.fromisoformat("2026-10-25T23:30+01:00") > due) == late


def test_days_need_the_course_s_time_zone(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(
        "title: T\nroster: roster.csv\nassignments:\n- {name: a, title: A, questions: [{id: q, title: Q, points: 1}]}\n"
    )
    (tmp_path / "roster.csv").write_text("id,extensions\ns1,a=+1d\n")
    with pytest.raises(RosterError, match=r"expected 'time_zone' in course\.yaml"):
        course_roster(load_course(tmp_path))


KINDS = "id,email,aliases\ns1,,canvas:10003; login:al815\ns2,,sid:10003; github:Ada-L\ns3,,doe; 777\ns4,,10008-777\n"


@pytest.mark.parametrize(("kind", "value", "subject"), [
    ("canvas", "10003", "s1"), ("sid", "10003", "s2"), ("moodle", "10003", None), ("github", "ada-l", "s2"),
    ("github", "doe", None), ("login", "al815", "s1"), ("person", "al815", "s1"), ("person", "777", None),
    ("moodle", "777", "s3"), ("canvas", "777", None), ("d2l", "10008-777", "s4"), ("person", "doe", "s3"),
])  # fmt: skip
def test_a_name_is_compared_with_its_own_kind(read: Read, kind: str, value: str, subject: str | None) -> None:
    found = read(KINDS).who(kind, value)
    assert [one.match.subject for one in found] == ([subject] if subject else [])


def test_an_alias_without_a_kind_is_told_how_to_get_one(read: Read) -> None:
    roster = read(KINDS)
    assert roster.who("moodle", "777")[0].without_kind
    assert "write github:doe if that is the GitHub login of s3" in roster.hint("github", "doe")


@pytest.mark.parametrize(
    "text", [ROWS, "\ufeff" + ROWS, ROWS.replace("\n", "\r\n"), ROWS + "\n,,,,,\n", ROWS.rstrip("\n")]
)
def test_csv_as_spreadsheets_write_it(read: Read, text: str) -> None:
    assert [student.id for student in read(text).students] == ["s1", "s2", "s3"]


def test_semicolons_between_columns(read: Read) -> None:
    assert read("id;email\ns1;a@b\n").match("a@b") == Match("s1", ("s1",))


MISTAKES = [
    (HEADER + "../x,,,,,\n", "roster.csv:2: found id '../x', expected letters"),
    (HEADER + ",a@b,,,,\n", "roster.csv:2: found id ''"),
    (HEADER + "unmatched-1,,,,,\n", "does not start with 'unmatched-'"),
    (HEADER + "s1,,,a/b,,\n", "roster.csv:2: found group 'a/b'"),
    (HEADER + "s1,no-address,,,,\n", "found email 'no-address', expected name@host"),
    (HEADER + "s1,,,,\n", "roster.csv:2: found 5 values, expected 6"),
    (HEADER + "s1,,,,,\nS1,,,,,\n", "roster.csv:3: found 's1' as a name of student S1, expected one that student s1"),
    (HEADER + "s1,a@b,,,,\ns2,A@b,,,,\n", "roster.csv:3: found 'a@b' as a name of student s2"),
    (HEADER + "s1,,x,,,\ns2,,X,,,\n", "roster.csv:3: found 'x' as a name of student s2"),
    (HEADER + "s1,,,,,\ns2,,,s1,,\n", "roster.csv:3: found group 's1'"),
    (HEADER + "s1,,,p,,\ns2,,,P,,\n", "in the same spelling for all members"),
    (HEADER + "s1,,,,,01_first=24\n", "found extension '01_first=24', expected assignment=+24h"),
    (
        HEADER + "s1,,,,,01_first=2026-10-15T12:00\n",
        "expected assignment=+24h, assignment=+1d or assignment=2026-10-14T23:59+02:00",
    ),
    (HEADER + "s1,,,,,01_frst=+2h\n", "found an extension for '01_frst' (did you mean '01_first'?)"),
    (HEADER + "s1,,,,,01_first=+2h;01_first=+3h\n", "found two extensions for '01_first'"),
    (HEADER + "s1,,cnavas:3,,,\n", "found alias 'cnavas:3' of the unknown kind 'cnavas' (did you mean 'canvas'?)"),
    (HEADER + "s1,,canvas:,,,\n", "found alias 'canvas:' without a name, expected the Canvas user number"),
    (HEADER + "s1,,sid:1,,,\ns2,,sid:1,,,\n", "found 'sid:1' as a name of student s2"),
    (HEADER + "s1,x@y,,,,\ns2,,email:X@y,,,\n", "as a name of student s2, expected one that student s1"),
    ("id,e-mail\ns1,\n", "roster.csv:1: found the column 'e-mail' (did you mean 'email'?)"),
    ("id,id\ns1,s1\n", "roster.csv:1: found the column 'id' more than once"),
    ("email\na@b\n", "roster.csv:1: found no column 'id'"),
    ("", "roster.csv:1: found no column 'id'"),
    ('id,email\ns1,"a@b\n', "found a broken line"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[m[1][-35:] for m in MISTAKES])
def test_a_mistake_gets_its_message(read: Read, text: str, message: str) -> None:
    with pytest.raises(RosterError) as caught:
        read(text)
    assert len(caught.value.messages) == 1
    assert message in caught.value.messages[0]


def test_all_mistakes_are_reported_at_once(read: Read) -> None:
    with pytest.raises(RosterError) as caught:
        read(HEADER + "a b,,,,,\ns1,x,,,,\ns1,,,,,\n")
    assert [message.split(":")[1] for message in caught.value.messages] == ["2", "3", "4"]


def test_files_that_cannot_be_read(read: Read, tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="not UTF-8"):
        read(ROWS.replace("Jürgen", "Jürgen"), "latin-1")
    with pytest.raises(RosterError, match="No such file"):
        load_roster(tmp_path / "none.csv")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=6), min_size=4, max_size=6), max_size=5))
def test_whatever_the_lines_hold_is_read_or_refused(read: Read, rows: list[list[str]]) -> None:
    text = "id,email,aliases,group\n" + "\n".join(",".join(row) for row in rows)
    roster, messages = EMPTY_ROSTER, ()
    try:
        roster = read(text.encode("utf-8", "ignore").decode())
    except RosterError as error:
        messages = error.messages
    assert bool(messages) or len(roster.students) <= len(rows)
    for student in roster.students:
        match = roster.match(student.id)
        assert match is not None
        assert student.id in match.members


def test_the_sample_roster_fits_the_course() -> None:
    course = load_course(Path(__file__).parents[2])
    assert course.roster_path is not None
    roster = load_roster(course.roster_path, [assignment.name for assignment in course.assignments])
    assert len(roster.students) == 20
    assert roster.match("pair-01") == Match("pair-01", ("s007", "s008"))
    assert {student.section for student in roster.students} == {"A", "B"}


class _GoneThrough(tuple[Student, ...]):
    """Students who count how often somebody goes through all of them."""

    times = 0

    def __iter__(self) -> Iterator[Student]:
        self.times += 1
        return super().__iter__()


def test_nobody_goes_through_the_class_for_each_of_its_members(read: Read, tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(
        "title: T\nassignments:\n"
        "- {name: 01_first, title: F, due: 2026-10-12T23:59:00+02:00, questions: [{id: a, title: A, points: 1}]}\n"
    )
    first = load_course(tmp_path / "course.yaml").assignments[0]
    roster = read(HEADER + "".join(f"s{n},,,g{n // 2},A,\n" for n in range(100)))
    roster = replace(roster, students=_GoneThrough(roster.students))
    assert {own_deadline([f"s{n}"], first, roster) for n in range(100)} == {first.due}
    assert [roster.student(f"s{n}").group for n in (0, 99)] == ["g0", "g49"]
    assert isinstance(roster.students, _GoneThrough)
    assert roster.students.times == 1  # for the index


def test_a_student_is_the_id_and_whatever_else_the_file_says(read: Read) -> None:
    assert Student("s1") == Student("s1", "", (), "", "", {})
    assert read("id,email\ns1,\n").students == (Student("s1"),)
    assert read("id;section\ns1;A, B\n").students == (Student("s1", section="A, B"),), "the first line decides"


def test_what_is_wrong_is_said_to_the_letter(read: Read) -> None:
    with pytest.raises(RosterError) as caught:
        read("id,emial\ns1,\n")
    assert str(caught.value) == (
        "roster.csv:1: found the column 'emial' (did you mean 'email'?), expected one of id, email, aliases, group, "
        "section, extensions"
    )
    with pytest.raises(RosterError, match="found the column 'mail;x'"):
        read("id,mail;x\ns1,\n")
    with pytest.raises(RosterError) as caught:
        read("email\na@b\n")
    assert str(caught.value) == (
        "roster.csv:1: found no column 'id', expected a header line with columns of id, email, aliases, group, "
        "section, extensions"
    )
    with pytest.raises(RosterError) as caught:
        read("id,extensions\ns0,\ns1,01_first=+1h; 01_first=+2h\n")
    assert str(caught.value) == ("roster.csv:3: found two extensions for '01_first', expected one for each assignment")
    with pytest.raises(RosterError) as caught:
        read("id,group\ns1,p\ns2,P\n")
    assert str(caught.value) == (
        "roster.csv:3: found group 'P', expected one that group p (line 2) does not have, in the same spelling for all "
        "members"
    )


def test_extensions_in_the_course_s_roster_are_for_its_assignments_and_in_days_with_a_time_zone(tmp_path: Path) -> None:
    course = load_course(TINY / "course.yaml")
    path = tmp_path / "roster.csv"
    path.write_text("id,extensions\ns1,tiny=+24h\n")
    assert course_roster(replace(course, roster_path=path)).students[0].extensions.keys() == {"tiny"}
    path.write_text("id,extensions\ns1,tyni=+24h\n")
    with pytest.raises(RosterError, match=r"an extension for 'tyni'.*expected one of tiny"):
        course_roster(replace(course, roster_path=path))
    path.write_text("id,extensions\ns1,tiny=+2d\n")
    with pytest.raises(RosterError) as caught:
        course_roster(replace(course, roster_path=path, time_zone=""))
    assert str(caught.value) == (
        "roster.csv: found tiny=+2d for s1, expected 'time_zone' in course.yaml with it, as in 'time_zone: "
        "Europe/Berlin': the same clock time on a later day depends on when clocks change; or write +48h, which is "
        "elapsed time"
    )
