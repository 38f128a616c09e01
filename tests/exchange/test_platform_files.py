"""Grades into the files of learning platforms, and rosters out of them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.course.course import Course
from autograder.course.roster import load_roster
from autograder.exchange.platforms.table import PlatformFileError, is_formula, plain_text, read_table
from autograder.records import Outcome
from autograder.scoring.score import ManualGrade
from tests.exchange.conftest import ROSTER

HandIn = Callable[..., Any]
BY_HAND = {"essay": ManualGrade(4, "Well argued.")}
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,The first (4711),Old (4712),Final Points
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,11,10,(read only)
"Lovelace, Ada",10001,777,al815,"B1, morning",,7,5
"Nobody, Ben",10002,10001,b_n,B1,3,"1,234",5
"=HYPERLINK(""http://evil.example"")",10003,,cleo,B2,,,
"Dora, D",10004,,,B2,EX,,
"Emil, E",10005,,,B2,N/A,,
"Impostor, Ada",99999,,,B2,,,
"Lovelace, Ada",,,,B2,,,
"Student, Test",12345,,6ad1f,B2,,,
"""
MOODLE = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 4711","Ada Lovelace",ada@uni.example,Submitted,,"11,00",Yes,-,-,
"Participant 4712",Ben,ben@uni.example,Submitted,"3,00","11,00",Yes,-,-,old
"Participant 4713",Cleo,cleo@uni.example,Submitted,,"11,00",No,-,-,
"Participant 4714",Dora,dora@uni.example,"No submission",,"11,00",Yes,-,-,
"""


def run(course: Course, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--course", str(course.root)])


def export(course: Course, platform: str, results: Path, file: Path, *options: str) -> dict[str, Any]:
    done = run(course, "export", platform, results, file, "--json", *options)
    assert done.output.startswith("{"), (done.output, done.exception)
    return dict(json.loads(done.output))


def why(document: dict[str, Any]) -> dict[str, str]:
    return {one["who"]: one["why"] for one in document["left_out"]}


def rows(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def changed(before: Path, after: Path) -> dict[tuple[int, int], str]:
    """(row, column) -> new value, of the cells that differ; every other byte is as it was."""
    old, new = rows(before), rows(after)
    assert [len(row) for row in old] == [len(row) for row in new]
    cells = {(r, c): new[r][c] for r, row in enumerate(old) for c, value in enumerate(row) if new[r][c] != value}
    touched = {row for row, _ in cells}
    old_lines, new_lines = before.read_bytes().splitlines(), after.read_bytes().splitlines()
    assert [line for n, line in enumerate(old_lines) if n not in touched] == [
        line for n, line in enumerate(new_lines) if n not in touched
    ]
    return cells


def test_canvas_gets_grades_in_its_own_column_and_nothing_else_changes(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", double="passed failed", manual=BY_HAND)
    graded("g1", members=("s02", "s03"), manual=BY_HAND)
    graded("s04", manual=BY_HAND)
    graded("s05", manual=BY_HAND)
    file = tmp_path / "grades.csv"
    file.write_text(CANVAS)
    document = export(course, "canvas", results_folder, file)
    filled = tmp_path / "grades_graded.csv"
    assert changed(file, filled) == {(3, 5): "8", (4, 5): "10", (5, 5): "10"}, "a group's grade is each member's"
    left = why(document)
    assert "excused" in left["s04"]
    assert "N/A" in left["s05"]
    assert "nobody in the roster has canvas:99999" in left["row 9 (canvas:99999)"]
    notes = " ".join(document["notes"])
    assert "row 10 has no ID" in notes, "Canvas would match it by its name"
    assert "row 6" in notes, "the name that is a formula"
    assert "Ada" not in json.dumps(document), "no names in what is printed"


def test_a_number_of_another_kind_is_nobody(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    graded("s02", double="failed failed", manual=BY_HAND)
    file = tmp_path / "c.csv"
    file.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,The first (1)\n    Points Possible,,,,,11\n"
        "A,10001,10001,,S,\nB,777,,,S,\n"
    )
    document = export(course, "canvas", results_folder, file)
    assert document["written"] == []
    left = why(document)
    assert "different students" in left["row 3 (canvas:10001)"], "Canvas' 10001 is s01, the university's is s02"
    assert "nobody" in left["row 4 (canvas:777)"], "777 is a university number, not Canvas'"


def test_canvas_columns_that_it_would_drop_or_make_anew_are_refused(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    for title, expected in (("My Final Score (12)", "drops every column"), ("The first", "new assignment")):
        file = tmp_path / "c.csv"
        file.write_text(f"Student,ID,SIS Login ID,Section,{title}\n    Points Possible,,,,11\nA,10001,,S,\n")
        done = run(course, "export", "canvas", results_folder, file, "--grade-column", title)
        assert done.exit_code == 1
        assert expected in done.output
        assert not (tmp_path / "c_graded.csv").exists()


def test_moodles_worksheet_keeps_its_comma_and_what_it_skips_is_listed(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", double="passed failed passed passed passed passed passed passed", manual=BY_HAND)
    graded("g1", members=("s02", "s03"), manual=BY_HAND)
    file = tmp_path / "Grades.csv"
    file.write_text(MOODLE)
    document = export(course, "moodle", results_folder, file, "--feedback-zip", str(tmp_path / "feedback.zip"))
    cells = changed(file, tmp_path / "Grades_graded.csv")
    assert {place: text for place, text in cells.items() if place[1] == 4} == {(1, 4): "9,5", (2, 4): "10"}
    assert cells[1, 9].startswith("<p>Doubling: 3.5 of 4<br>Essay: 4 of 5. Well argued.<br>")
    assert "Quiz" not in cells[1, 9], "its results open after the deadline"
    left = why(document)
    assert "locked" in left["s03"]
    assert "handed in nothing" in left["s04"]
    assert "no row" in left["s05"]
    with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    assert pages == {
        "s01_4711_assignfeedback_file_/feedback.html": "page of s01",
        "s02_4712_assignfeedback_file_/feedback.html": "page of g1",
        "s03_4713_assignfeedback_file_/feedback.html": "page of g1",
    }, "one folder per member, none of the group"
    taken = {name: feedback_as_moodle_takes_it(name, {4711, 4712, 4713, 4714}) for name in pages}
    assert set(taken.values()) == {(number, "feedback.html") for number in (4711, 4712, 4713)}
    assert worksheet_as_moodle_reads_it((tmp_path / "Grades_graded.csv").read_text()) == {
        4711: ("9,5", cells[1, 9]), 4712: ("10", cells[2, 9]), 4713: ("", ""), 4714: ("", ""),
    }  # fmt: skip


def feedback_as_moodle_takes_it(path: str, participants: set[int], parts_needed: int = 5) -> tuple[int, str] | None:
    """Return (participant, name of the file) that Moodle's importer of feedback files sees in a path of the zip.

    It looks for a folder `anything_number_plugintype_pluginname_`, and takes what follows as the file's path. Since
    4.1 four parts are enough.
    """
    file = path.rpartition("/")[2]
    if file.startswith((".", "~")):
        return None
    folders = path.split("/")
    for place, folder in enumerate(folders):
        parts = folder.split("_", 4)
        if len(parts) >= parts_needed and parts[1].isdigit() and int(parts[1]) in participants:
            if parts[2:4] != ["assignfeedback", "file"]:
                continue
            return int(parts[1]), "/".join([*filter(None, parts[4:]), *folders[place + 1 :]])
    return None


def worksheet_as_moodle_reads_it(text: str) -> dict[int, tuple[str, str]]:
    """Return participant -> (grade, comment) as Moodle's importer of worksheets finds them: columns by their titles,
    the number behind the word `Participant `, commas between the fields, UTF-8."""
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    number, grade, changed_at = (header.index(t) for t in ("Identifier", "Grade", "Last modified (grade)"))
    comment = header.index("Feedback comments")
    assert all(len(line) == len(header) for line in lines)
    assert {line[changed_at] for line in lines} == {"-"}, "what Moodle compares with its own clock stays"
    return {int(line[number][len("Participant ") :]): (line[grade], line[comment]) for line in lines}


def test_another_maximum_is_converted_only_when_asked_and_above_it_nothing_goes_to_moodle(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    graded("s02", manual={"essay": ManualGrade(5, "", 3.0)})
    file = tmp_path / "m.csv"
    file.write_text(MOODLE.replace("11,00", "100,00"))
    document = export(course, "moodle", results_folder, file)
    assert document["written"] == []
    assert "--scale" in why(document)["s01"]
    document = export(course, "moodle", results_folder, file, "--scale", "-o", str(tmp_path / "scaled.csv"))
    assert {one["student"]: one["after"] for one in document["written"]} == {"s01": "90,91"}
    assert "above the maximum" in why(document)["s02"]


def test_german_titles_are_known_and_others_are_named(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    german = (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
        "Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
        'Teilnehmer/in4711,A,ada@uni.example,x,,"11,00",Ja,-,\n'
    )
    file = tmp_path / "de.csv"
    file.write_text(german)
    assert export(course, "moodle", results_folder, file)["written"][0]["after"] == "10"
    other = tmp_path / "xx.csv"
    other.write_text(german.replace("Bewertung,Best", "Hodnocení,Best").replace("E-Mail-Adresse", "Pošta"))
    assert "--grade-column" in run(course, "export", "moodle", results_folder, other).output
    named = ("--grade-column", "Hodnocení", "--id-column", "email=Pošta")
    assert len(export(course, "moodle", results_folder, other, *named)["written"]) == 1


def test_blackboard_in_utf16_with_tabs_keeps_its_encoding_and_quotes(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s02", manual=BY_HAND)
    file = tmp_path / "gc_course.xls"
    title = "The first [Total Pts: 11 Score] |123456"
    text = f'"Last Name"\t"First Name"\t"Username"\t"{title}"\t"Feedback to Learner"\n"Ñ"\t"B"\t"b_n"\t""\t""\n'
    file.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    export(course, "blackboard", results_folder, file)
    data = (tmp_path / "gc_course_graded.xls").read_bytes()
    assert data.startswith(b"\xff\xfe")
    row = data[2:].decode("utf-16-le").splitlines()[1]
    assert row.startswith('"Ñ"\t"B"\t"b_n"\t"10"\t"')
    bad = tmp_path / "bad.xls"
    bad.write_text("Username\tThe first\nb_n\t\n")
    assert "[Total Pts" in run(course, "export", "blackboard", results_folder, bad).output


def test_brightspace_and_any_table(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    graded("s02", manual={"essay": ManualGrade(5, "", 3.0)})
    file = tmp_path / "d2l.csv"
    file.write_text(
        "OrgDefinedId,The first Points Grade <Numeric MaxPoints:11>,End-of-Line Indicator\n#777,,#\n#10001,,#\n"
    )
    document = export(course, "brightspace", results_folder, file)
    assert [one["after"] for one in document["written"]] == ["10"]
    assert "cut" in why(document)["s02"]
    table = tmp_path / "ours.csv"
    table.write_text("Konto;Punkte;Bemerkung\nal815;;\n")
    done = run(course, "export", "csv", results_folder, table)
    assert "--grade-column" in done.output
    named = ("--grade-column", "Punkte", "--id-column", "login=Konto", "--comment-column", "Bemerkung")
    export(course, "csv", results_folder, table, *named)
    assert (tmp_path / "ours_graded.csv").read_text().startswith('Konto;Punkte;Bemerkung\nal815;10;"Doubling: 4 of 4\n')


def test_what_is_no_grade_does_not_go_out(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01")  # the essay waits
    graded("s02", outcome=Outcome.NOT_GRADED)
    graded("unmatched-1234abcd", members=(), manual=BY_HAND)
    file = tmp_path / "c.csv"
    file.write_text(CANVAS)
    document = export(course, "canvas", results_folder, file)
    assert document["written"] == []
    left = why(document)
    assert "waits for a person" in left["s01"]
    assert "our fault" in left["s02"]
    assert "nobody" in left["unmatched-1234abcd"]
    document = export(
        course, "canvas", results_folder, file, "--open-too", "--missing", "zero", "-o", str(tmp_path / "all.csv")
    )
    assert {one["student"]: one["after"] for one in document["written"]} == {"s01": "6", "s03": "0"}


def test_nothing_is_overwritten(
    course: Course, results_folder: Path, graded: Callable[..., None], tmp_path: Path
) -> None:
    graded("s01", manual=BY_HAND)
    file = tmp_path / "c.csv"
    file.write_text(CANVAS)
    for target in (file, results_folder / "grades.csv"):
        target.parent.mkdir(exist_ok=True)
        target.write_text(CANVAS)
        done = run(course, "export", "canvas", results_folder, file, "-o", target)
        assert done.exit_code == 1
        assert "nothing is overwritten" in done.output
        assert target.read_text() == CANVAS


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6), min_size=2,
                 max_size=4),
        min_size=1, max_size=5,
    ),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)  # fmt: skip
def test_a_table_comes_back_byte_for_byte_and_a_set_cell_reads_as_set(
    tmp_path_factory: pytest.TempPathFactory, body: list[list[str]], quoting: Any, end: str, value: str
) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerows([["Student", "ID", "x"], *body])
    path.write_bytes(text.getvalue().encode())
    table = read_table(path)
    assert table.data() == path.read_bytes()
    table.put(1, 1, value)
    path.write_bytes(table.data())
    again = read_table(path)
    assert again.value(1, 1) == value
    assert [again.row(line) for line in range(len(again)) if line != 1] == [
        table.row(line) for line in range(len(table)) if line != 1
    ]


def test_tables_that_are_none_are_named(tmp_path: Path) -> None:
    for data, expected in (
        (b"PK\x03\x04rest", "workbook"),
        (b'a,"b\nc', "broken line"),
        (b"\x81\x00\xff", "neither"),
        (b"", "header"),
    ):
        path = tmp_path / "t.csv"
        path.write_bytes(data)
        with pytest.raises(PlatformFileError, match=expected):
            read_table(path)


def test_only_free_text_is_made_safe() -> None:
    assert plain_text("=1+1") == "'=1+1"
    assert plain_text("@x") == "'@x"
    assert plain_text("fine = so") == "fine = so"
    assert not is_formula("-3.5"), "a number stays a number"


def test_a_roster_comes_in_without_names_and_keeps_what_it_had(tmp_path: Path) -> None:
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS)
    output = tmp_path / "roster.csv"
    done = CliRunner().invoke(main, ["import", "roster", str(file), "-o", str(output)])
    assert done.exit_code == 0, done.output
    text = output.read_text()
    for name in ("Ada", "Lovelace", "Nobody", "HYPERLINK", "Test"):
        assert name not in text + done.output
    roster = load_roster(output)
    assert len(roster.students) == 6
    ada = next(s for s in roster.students if "canvas:10001" in s.aliases)
    assert set(ada.aliases) == {"canvas:10001", "sid:777", "login:al815"}
    assert ada.section == "B1, morning"
    again = CliRunner().invoke(main, ["import", "roster", str(file), "-o", str(output)])
    assert "--update" in again.output
    assert output.read_text() == text

    output.write_text(ROSTER.replace("canvas:10001; sid:777; login:al815,,A,", "canvas:10001,g9,A,01_first=+24h"))
    done = CliRunner().invoke(main, ["import", "roster", str(file), "-o", str(output), "--update"])
    assert done.exit_code == 0, done.output
    updated = load_roster(output, ["01_first"]).student("s01")
    assert (updated.group, updated.extensions["01_first"].hours) == ("g9", 24)
    assert set(updated.aliases) == {"canvas:10001", "sid:777", "login:al815"}
    assert {s.id for s in load_roster(output).students} >= {"s01", "s02", "s03", "s04", "s05"}


@pytest.mark.parametrize(
    ("text", "aliases", "email"),
    [
        ("First Name,Last Name,SID,Email,Sections\nAda,L,0123,ada@uni.example,A\n", {"sid:0123"}, "ada@uni.example"),
        ("identifier,github_username,github_id,name\nada,Ada-L,5,Ada\n", {"github:Ada-L"}, ""),
        ('Identifier,"Full name","ID number","Email address"\n"Participant 4",A,77,a@b.ex\n', {"sid:77"}, "a@b.ex"),
        ('"Last Name","First Name","Username","Student ID"\n"L","Ada","al815","77"\n', {"sid:77", "login:al815"}, ""),
        ("OrgDefinedId,Username,End-of-Line Indicator\n#77,#al815,#\n", {"sid:77", "login:al815"}, ""),
    ],
)  # fmt: skip
def test_rosters_of_other_platforms(tmp_path: Path, text: str, aliases: set[str], email: str) -> None:
    (tmp_path / "export.csv").write_text(text)
    done = CliRunner().invoke(
        main, ["import", "roster", str(tmp_path / "export.csv"), "-o", str(tmp_path / "roster.csv")]
    )
    assert done.exit_code == 0, done.output
    (student,) = load_roster(tmp_path / "roster.csv").students
    assert (set(student.aliases), student.email) == (aliases, email)
    assert "Participant" not in (tmp_path / "roster.csv").read_text(), "its number is of one assignment only"
