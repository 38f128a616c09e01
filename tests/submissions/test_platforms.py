"""What is particular to one platform: numbers of resubmissions, teams, anonymous grading, worksheets, metadata."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.course.roster import load_roster
from autograder.course.submission_rules import SubmissionRules
from autograder.submissions import worksheet
from autograder.submissions.find import Intake, Request, Wanted, take_in
from autograder.submissions.layouts.gradescope import read_metadata
from autograder.submissions.receipt import Clock
from autograder.submissions.worksheet import NO_WORKSHEET, Worksheet, WorksheetError, WorksheetRow, read_worksheet
from tests.submissions.class_folders import WANTED, ZONE, notebook, write, zipped

ROSTER = """id,email,aliases,group
s1,s1@x.edu,canvas:101; ilias:41; login:al815; sid:0123; d2l:31,
s2,s2@x.edu,canvas:102; ilias:42; login:j_doe; sid:0124; d2l:32,
s3,s3@x.edu,canvas:103; ilias:43; login:doe,pair
s4,s4@x.edu,canvas:104; ilias:44,pair
"""


def taken_in(folder: Path, worksheet: str = "", wanted: tuple[Wanted, ...] = WANTED) -> Intake:
    (folder / "roster.csv").write_text(ROSTER)
    roster = load_roster(folder / "roster.csv")
    sheet = NO_WORKSHEET
    if worksheet:
        (folder / "sheet.csv").write_text(worksheet)
        sheet = read_worksheet(folder / "sheet.csv", roster)
    return take_in([folder / "in"], Request(wanted, roster, clock=Clock(ZONE), worksheet=sheet))


def put(folder: Path, *paths: str, text: str = "") -> None:
    for path in paths:
        write(folder / "in", path, notebook(text or path))


def test_canvas_s_number_of_a_resubmission_is_the_newer_file(tmp_path: Path) -> None:
    put(tmp_path, "ada_101_881_blocks.ipynb", "ada_101_883_blocks-2.ipynb", "ada_101_882_blocks-1.ipynb")
    write(tmp_path / "in", "ada_101_884_weights-1.safetensors", b"new")
    [found] = taken_in(tmp_path).submissions
    assert (found.subject, found.source) == ("s1", "ada_101_883_blocks-2.ipynb")
    assert found.files(["weights.safetensors"]) == {"weights.safetensors": b"new"}


def test_canvas_s_word_late_is_told_and_costs_nothing_by_itself(tmp_path: Path) -> None:
    put(tmp_path, "ada_LATE_101_881_blocks.ipynb")
    [found] = taken_in(tmp_path).submissions
    assert (found.subject, found.received_at) == ("s1", None)
    assert any("late by an unknown amount" in flag for flag in found.flags)


def test_canvas_s_anonymous_ids_come_from_the_list_of_this_assignment(tmp_path: Path) -> None:
    put(tmp_path, "anon_u3Lb9_881_blocks.ipynb", "LATE_anon_Zz9_882_blocks.ipynb")
    assert not any(s.matched for s in taken_in(tmp_path).submissions)
    found = taken_in(tmp_path, "anonymous_id,email\nu3Lb9,s2@x.edu\nzz9,s1@x.edu\n").submissions
    assert {s.subject for s in found if s.matched} == {"s2"}  # case matters in these ids


def test_a_text_entry_has_a_row(tmp_path: Path) -> None:
    write(tmp_path / "in", "ada_101_text.html", b"<p>see my repository")
    put(tmp_path, "doe_102_881_blocks.ipynb")
    found = {s.subject: s for s in taken_in(tmp_path).submissions}
    assert "found text.html, expected a notebook" in found["s1"].problem
    assert found["s2"].problem == ""


TEAM = "Identifier,Full name,Email address,Group,Last modified (submission)\n"


def test_moodle_s_team_number_is_never_a_participant(tmp_path: Path) -> None:
    put(tmp_path, "Team Blue_4711_assignsubmission_file/blocks.ipynb")
    worksheet = TEAM + (
        'Participant 4711,Ada,s1@x.edu,Other,-\nParticipant 5,C,s3@x.edu,Team Blue,"Monday, 12 October 2026, 9:04 PM"\n'
        'Participant 6,D,s4@x.edu,Team Blue,"Monday, 12 October 2026, 9:04 PM"\n'
    )
    [found] = taken_in(tmp_path, worksheet).submissions
    assert (found.subject, found.members) == ("pair", ("s3", "s4"))
    assert found.received_at is not None
    [unknown] = taken_in(tmp_path, TEAM + "Participant 4711,Ada,s1@x.edu,Other,-\n").submissions
    assert not unknown.matched
    assert "is called otherwise than 'Team Blue'" in unknown.flags[0]


def test_without_a_worksheet_moodle_s_numbers_are_nobody_s(tmp_path: Path) -> None:
    put(tmp_path, "Ada_101_assignsubmission_file/blocks.ipynb")
    [found] = taken_in(tmp_path).submissions
    assert not found.matched
    assert "--worksheet" in found.flags[0]


@pytest.mark.parametrize(("text", "said"), [
    ("a,b\n1,2\n", "expected one called 'Identifier'"), ("Identifier,Full name\n", "no column that the roster knows"),
    ("Identifier,Email address\nParticipant 1,a@b\nParticipant 1,a@b\n", "a second time"),
    ('Identifier,Email address\n"Participant 1,a@b\n', "broken line"),
])  # fmt: skip
def test_a_worksheet_that_cannot_be_used_gets_one_message(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(WorksheetError, match=said):
        taken_in(tmp_path, text)


def test_blackboard_s_info_file_is_read_and_a_student_s_imitation_is_not(tmp_path: Path) -> None:
    start = "HW_3_j_doe_attempt_2026-10-12-21-04-33"
    info = "Name: Evil (al815) (j_doe)\nAssignment: HW 3\nDate Submitted: Monday, October 12, 2026 9:04:33 PM CEST\n"
    write(tmp_path / "in", f"{start}.txt", (info + "Submission Field:\nName: Ada (al815)\n").encode())
    put(tmp_path, f"{start}_HW_3_al815_attempt_2026-10-12-21-04-33.txt.ipynb")
    [found] = taken_in(tmp_path).submissions
    assert found.subject == "s2"
    assert str(found.received_at) == "2026-10-12 19:04:33+00:00"


def test_several_attempts_of_brightspace_are_sorted_by_time(tmp_path: Path) -> None:
    put(tmp_path, "31-1 - Ada - Oct 9, 2026 1104 AM/blocks.ipynb", "31-1 - Ada - Oct 12, 2026 904 PM/blocks.ipynb")
    counts = [s for s in taken_in(tmp_path).submissions if not s.superseded_by]
    assert [s.source for s in counts] == ["31-1 - Ada - Oct 12, 2026 904 PM/blocks.ipynb"]


def test_a_member_alone_and_the_group_get_one_grade(tmp_path: Path) -> None:
    put(tmp_path, "submitted/s3/blocks/blocks.ipynb", "submitted/pair/blocks/blocks.ipynb")
    write(tmp_path / "in", "submitted/s3/blocks/timestamp.txt", b"2026-10-12 12:00:00 UTC")
    write(tmp_path / "in", "submitted/pair/blocks/timestamp.txt", b"2026-10-11 12:00:00 UTC")
    found = taken_in(tmp_path).submissions
    assert {s.subject for s in found} == {"pair"}
    assert [s.source for s in found if not s.superseded_by] == ["submitted/s3/blocks/blocks.ipynb"]


def test_ilias_s_teams_and_its_word_for_late(tmp_path: Path) -> None:
    put(tmp_path, "Team 12/Doe_Jo_doe_43/Late Submission - blocks.ipynb", "Love_Ada_al815_41/blocks.ipynb")
    found = {s.subject: s for s in taken_in(tmp_path).submissions}
    assert set(found) == {"pair", "s1"}
    assert any("late by an unknown amount" in flag for flag in found["pair"].flags)


@pytest.mark.parametrize("info", [True, False])
def test_a_group_of_blackboard_is_found_by_the_roster_s_group_and_an_unknown_one_is_set_aside(
    info: bool, tmp_path: Path
) -> None:
    for name in ("pair", "other pair"):
        start = f"HW 3_{name}_attempt_2026-10-12-21-04-33"
        put(tmp_path, f"{start}_blocks.ipynb")
        if info:
            write(tmp_path / "in", f"{start}.txt", f"Name: {name} ({name})\nAssignment: HW 3\n".encode())
    mine, other = sorted(taken_in(tmp_path).submissions, key=lambda one: not one.matched)
    assert (mine.subject, mine.members, other.matched) == ("pair", ("s3", "s4"), False)
    assert "found by the name of the group 'pair'" in " ".join(mine.flags)
    assert "nobody's in the roster" in " ".join(other.flags)


@pytest.mark.parametrize("word", ["Verspaetete Abgabe", "Verspatete Abgabe", "Late Submission"])
def test_ilias_s_late_word_as_it_is_written_in_plain_letters(word: str, tmp_path: Path) -> None:
    put(tmp_path, f"Love_Ada_al815_41/{word} - blocks.ipynb", "Doe_Jo_j_doe_42/blocks.ipynb")
    late, timely = sorted(taken_in(tmp_path).submissions, key=lambda one: one.subject)
    assert any("late by an unknown amount" in flag for flag in late.flags)
    assert timely.flags == ()


def test_a_word_of_ilias_that_is_not_known_is_told_and_taken_from_the_names(tmp_path: Path) -> None:
    put(tmp_path, "Love_Ada_al815_41/Te laat ingeleverd - blocks.ipynb", "Doe_Jo_j_doe_42/My work - final.ipynb")
    write(tmp_path / "in", "Love_Ada_al815_41/Te laat ingeleverd - weights.safetensors", b"w")
    told, plain = sorted(taken_in(tmp_path).submissions, key=lambda one: one.subject)
    assert told.files(["weights.safetensors"]) == {"weights.safetensors": b"w"}
    assert any("'Te laat ingeleverd - '" in flag and "word for late" in flag for flag in told.flags)
    assert plain.flags == ()


@pytest.mark.parametrize("date", ["12 okt. 2026 2104", "Okt 12, 2026 2104", "12 octobre 2026 2104",
                                  "ekim 12, 2026 904 PM", "10月 12, 2026 2104", "12 listopada 2026 2104"])  # fmt: skip
def test_months_of_brightspace_in_other_languages(date: str, tmp_path: Path) -> None:
    put(tmp_path, f"31-5 - Ada - {date}/blocks.ipynb", f"32-5 - Jo - {date} - blocks.ipynb")
    found = taken_in(tmp_path).submissions
    assert {one.subject for one in found} == {"s1", "s2"}
    known = "月" not in date and "listopada" not in date  # the latter is two months, in two languages
    for one in found:
        assert (f"{one.received_at:%m-%d %H:%M}" == "10-12 19:04") if one.received_at else not known
        assert any("is no time: time of receipt unknown" in flag for flag in one.flags) != known


def test_ilias_s_number_and_login_of_two_students_credit_nobody(tmp_path: Path) -> None:
    put(tmp_path, "Love_Ada_al815_42/blocks.ipynb")
    [found] = taken_in(tmp_path).submissions
    assert not found.matched
    assert "fits s1 and s2" in found.flags[0]


def test_gradescope_s_metadata_are_read_without_types_and_in_parts(tmp_path: Path) -> None:
    text = (
        "submission_1:\n  :submitters:\n  - :name: X\n    :sid: 0123\n  :created_at: 2026-10-12 19:04:33.861687000 Z\n"
        "  :results:\n    output: |\n      submission_2:\n        :submitters:\n...\n"
        "submission_2:\n  :submitters:\n  - :name: Y\n    :email: s2@x.edu\n    :sid: '0123'\n...\n"
        "submission_3:\n  :submitters: []\n  :created_at: [\n"
    )
    known = read_metadata(text.encode())
    assert known["submission_1"].submitters[0]["sid"] == "0123"
    assert "submission_3" not in known  # broken, and the others are read
    write(tmp_path / "in", "submission_metadata.yml", text.encode())
    put(tmp_path, *(f"submission_{n}/blocks.ipynb" for n in (1, 2, 3)))
    found = {s.source: s for s in taken_in(tmp_path).submissions}
    assert found["submission_1/blocks.ipynb"].subject == "s1"
    assert str(found["submission_1/blocks.ipynb"].received_at) == "2026-10-12 19:04:33.861687+00:00"
    assert not found["submission_2/blocks.ipynb"].matched  # e-mail and sid are of two students
    assert not found["submission_3/blocks.ipynb"].matched


def test_fewer_clones_than_students_are_told(tmp_path: Path) -> None:
    put(tmp_path, "blocks-submissions/blocks-ada-l/blocks.ipynb")
    assert "found 1 folders for 3 students or groups" in taken_in(tmp_path).notes[0]
    put(tmp_path, "blocks-submissions/blocks-x/blocks.ipynb", "blocks-submissions/blocks-team/blocks.ipynb")
    assert taken_in(tmp_path).notes == ()


def test_a_collected_tree_under_another_name_needs_everybody_s_time_stamp(tmp_path: Path) -> None:
    for person in ("s1", "s2", "s3"):
        put(tmp_path, f"{person}/blocks/blocks.ipynb")
        write(tmp_path / "in", f"{person}/blocks/timestamp.txt", b"2026-10-12 12:00:00 UTC")
    assert all(s.received_at is not None for s in taken_in(tmp_path).submissions)
    put(tmp_path, "s2/notes/blocks.ipynb")  # no folder of nbgrader's: then all may be the students' own
    found = taken_in(tmp_path).submissions
    assert all(s.received_at is None for s in found)
    assert any("say --layout nbgrader" in flag for flag in found[0].flags)


def by_file(intake: Intake) -> dict[str, str]:
    """Return the id of whoever is credited, "" for nobody, by the source of what counts."""
    return {s.source: s.subject if s.matched else "" for s in intake.submissions if not s.superseded_by}


@pytest.mark.parametrize(("names", "expected"), [
    # s2 calls themselves as s1's part of the name is, and hands in one file: nobody can tell, and s1 loses nothing.
    (["ada_101_881_hw.ipynb", "ada_101_102_883_blocks.ipynb"], ["s1", ""]),
    # Two files: the same number twice is no file's.
    (["ada_101_881_hw.ipynb", "ada_101_102_883_blocks.ipynb", "ada_101_102_884_w.csv"], ["s1", "s2"]),
    # Somebody who is not in the roster.
    (["ada_101_881_hw.ipynb", "ada_101_999_883_blocks.ipynb"], ["s1"]),
    (["x_101_998_881_1.ipynb", "y_101_999_883_1.ipynb"], ["", ""]),
    # Names without letters, and one like an anonymous id.
    (["_101_881_x_102_99_blocks.ipynb", "doe_102_882_blocks.ipynb"], ["s1", "s2"]),
    (["anon_x1_101_881_blocks.ipynb", "doe_102_882_blocks.ipynb"], ["s1", "s2"]),
])  # fmt: skip
def test_canvas_s_display_names_name_nobody(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    put(tmp_path, *names)
    found = by_file(taken_in(tmp_path))
    assert [found[name] for name in names if name in found] == expected


def test_a_released_name_that_begins_with_digits_has_one_reading(tmp_path: Path) -> None:
    put(tmp_path, "ada_101_881_03_lab.ipynb", "doe_102_882_03_lab-1.ipynb", "jo_103_884_04_lab.ipynb")
    first, second, third = taken_in(tmp_path, wanted=(Wanted("03_lab"),)).submissions
    assert [s.subject for s in (first, second, third)] == ["s1", "s2", "pair"]
    assert (first.flags, second.flags) == ((), ())
    assert "can also be read as Canvas user 884" in third.flags[0]


def test_what_is_no_notebook_is_of_the_assignment_that_the_others_are_of(tmp_path: Path) -> None:
    write(tmp_path / "in", "ada_101_text.html", b"<p>see my repository")
    write(tmp_path / "in", "who_999_881_report.pdf", b"%PDF")
    put(tmp_path, "doe_102_883_blocks.ipynb")
    assert {s.assignment for s in taken_in(tmp_path).submissions} == {"blocks"}
    write(tmp_path / "in", "jo_103_884_lab2.ipynb", notebook("3", "lab2"))
    assert {(s.source, s.assignment) for s in taken_in(tmp_path).submissions if s.problem} == {
        ("ada_101_text.html", ""), ("who_999_881_report.pdf", "")
    }  # fmt: skip


@pytest.mark.parametrize(("name", "when"), [
    ("Ada - Oct 1, 2026 904 PM - Oct 12, 2026 904 PM/blocks.ipynb", "2026-10-12 19:04"),
    ("Ada - Oct 1, 2026 904 PM - Oct 12, 2026 904 PM - blocks.ipynb", "2026-10-12 19:04"),
    ("Ada - Oct 12, 2026 904 PM - Oct 1, 2026 904 PM - blocks.ipynb", "2026-10-12 19:04"),
    ("Ada - Oct 12, 2026 904 PM - Foo 1, 2026 904 PM - blocks.ipynb", "2026-10-12 19:04"),
    ("Ada - Foo 1, 2026 904 PM - Oct 12, 2026 904 PM - blocks.ipynb", ""),
])  # fmt: skip
def test_no_name_of_brightspace_s_is_dated_by_a_student(tmp_path: Path, name: str, when: str) -> None:
    put(tmp_path, f"31-5 - {name}", "32-5 - Jo - Oct 12, 2026 905 PM/blocks.ipynb")
    found = next(s for s in taken_in(tmp_path).submissions if s.subject == "s1")
    assert (f"{found.received_at:%Y-%m-%d %H:%M}" if found.received_at else "") == when
    flat = name.endswith(" - blocks.ipynb") and "Foo" not in name
    assert any("holds several dates" in flag for flag in found.flags) == flat


def test_anybody_can_call_themselves_like_a_duplicate_repository(tmp_path: Path) -> None:
    put(tmp_path, "x-submissions/x-ada/blocks.ipynb", "x-submissions/x-ada-1/blocks.ipynb",
        "x-submissions/x-doe-1/blocks.ipynb", "x-submissions/x-jo-2/blocks.ipynb")  # fmt: skip
    (tmp_path / "roster.csv").write_text("id,aliases\ns1,github:ada\ns2,github:doe\ns3,github:jo; github:jo-2\n")
    found = take_in([tmp_path / "in"], Request(WANTED, load_roster(tmp_path / "roster.csv"))).submissions
    assert {s.source[16:].partition("/")[0]: s.subject for s in found if s.matched} == {
        "ada": "s1", "doe-1": "s2", "jo-2": "s3"
    }  # fmt: skip
    assert any("taken for a duplicate repository of 'doe'" in flag for s in found for flag in s.flags)
    assert any("the other one counts until a person says" in flag for s in found for flag in s.flags)


def test_of_two_zips_of_one_name_canvas_numbered_the_newer(tmp_path: Path) -> None:
    for number, name in enumerate(("work-1.zip", "work-10.zip", "work-2.zip", "data-11.zip"), start=881):
        write(tmp_path / "in", f"ada_101_{number}_{name}", zipped({"blocks.ipynb": notebook(name)}))
    [found] = taken_in(tmp_path).submissions
    assert found.source == "ada_101_882_work-10.zip/blocks.ipynb"


def test_gradescope_s_missing_list_and_missing_addresses_are_told(tmp_path: Path) -> None:
    put(tmp_path, "assignment_5_export/submission_1/blocks.ipynb")
    [found] = taken_in(tmp_path).submissions
    assert "submission_metadata.yml says nothing of submission_1" in found.flags[0]
    text = b"submission_1:\n  :submitters:\n  - :email: null\n    :sid: 0123\n"
    write(tmp_path / "in", "assignment_5_export/submission_metadata.yml", text)
    [found] = taken_in(tmp_path).submissions
    assert (found.subject, found.flags) == ("s1", ())


@pytest.mark.parametrize("time", ["2026-10-12_21-04", "20261012-2104", "2026.10.12 21:04:00", "2026-10-12-21-04-00",
                                  "20261012210400", "12. Okt. 2026 21:04"])  # fmt: skip
def test_a_pattern_s_time_is_read_whatever_stands_between_its_numbers(tmp_path: Path, time: str) -> None:
    write(tmp_path / "in", f"{time}~al815~blocks.ipynb", notebook("1"))
    (tmp_path / "roster.csv").write_text(ROSTER)
    rules = SubmissionRules(pattern=re.compile("(?P<time>[^~]+)~(?P<login>[^~]+)~(?P<rest>.+)"))
    request = Request(WANTED, load_roster(tmp_path / "roster.csv"), rules=rules, clock=Clock(ZONE))
    [found] = take_in([tmp_path / "in"], request).submissions
    assert (found.subject, str(found.received_at)) == ("s1", "2026-10-12 19:04:00+00:00")


@pytest.mark.parametrize("header", [
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Zuletzt geändert (Abgabe),Zuletzt (Bewertung)",
    "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Maximum,Modification (travail remis),Modification (note)",
    "Tunniste,Koko nimi,Sähköposti,Tila,Arvosana,Maksimi,Muokattu (palautus),Muokattu (arvosana)",
])  # fmt: skip
@pytest.mark.parametrize("word", ["Teilnehmer/in", "Participant ", "Osallistuja "])
def test_a_worksheet_in_another_language_is_known_by_its_places(tmp_path: Path, header: str, word: str) -> None:
    rows = "".join(
        f'{word}{number},{name},{email},Abgegeben,-,10,"{time}",-\n'
        for number, name, email, time in [(4711, "Ada L", "s1@x.edu", "Montag, 12. Oktober 2026, 21:04"),
                                          (4712, "Jo Doe", "s2@x.edu", "Dienstag, 13. Oktober 2026, 09:00")]
    )  # fmt: skip
    put(tmp_path, "Ada L_4711_assignsubmission_file_/blocks.ipynb", "Other_4712_assignsubmission_file_/blocks.ipynb")
    other, first = sorted(taken_in(tmp_path, f"{header}\n{rows}").submissions, key=lambda one: one.matched)
    assert (first.subject, str(first.received_at)) == ("s1", "2026-10-12 19:04:00+00:00")
    assert "is called otherwise than 'Other'" in other.flags[0]


def test_nobody_goes_through_the_worksheet_for_each_group(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {str(n): WorksheetRow(str(n), None, group=f"Team {n % 100}" if n else "") for n in range(300)}
    sheet, letters = Worksheet("sheet.csv", rows), worksheet._letters
    read: list[str] = []

    def counted(name: str) -> str:
        read.append(name)
        return letters(name)

    monkeypatch.setattr(worksheet, "_letters", counted)
    found = [sheet.of_group(f"team_{n}") for n in range(100)]
    assert [[row.key for row in team] for team in found[:2]] == [["100", "200"], ["1", "101", "201"]]
    assert sheet.of_group("nobody") == sheet.of_group("") == ()
    assert len(read) < 3 * 300
