"""`autograder submissions`, and the rows of those who have no result."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.course.roster import load_roster
from autograder.submissions.arrivals import Arrival, Arrivals, absent, arrivals_of, read_arrivals, write_arrivals
from autograder.submissions.find import Request, Wanted, take_in
from tests.submissions.class_folders import notebook, write, zipped

COURSE = """title: T
assignments:
- {name: blocks, title: B, released: 2026-10-01T00:00:00Z, questions: [{id: a, title: A, points: 1}]}
- {name: lab2, title: L, questions: [{id: a, title: A, points: 1}]}
roster: roster.csv
"""
ROSTER = "id,aliases,group\ns1,canvas:101,\ns2,canvas:102; login:j_doe,\ns3,,pair\ns4,,pair\ns5,login:doe,\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    root.mkdir()
    (root / "course.yaml").write_text(COURSE)
    (root / "roster.csv").write_text(ROSTER)
    return root


def listed(course: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["submissions", "--course", str(course), *map(str, arguments)])


def rows(course: Path, *arguments: str | Path) -> dict[str, list[tuple[str, str]]]:
    found = json.loads(listed(course, "--json", *arguments).stdout)["rows"]
    by_standing: dict[str, list[tuple[str, str]]] = {}
    for row in found:
        by_standing.setdefault(row["standing"], []).append((row["student"], row["file"]))
    return by_standing


def test_everything_and_everybody_has_a_line(course: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    write(place, "submitted/s1/blocks/blocks.ipynb", notebook("1"))
    write(place, "submitted/s1/blocks/timestamp.txt", b"2026-10-12 12:00:00 UTC")
    write(place, "submitted/s2/blocks/report.pdf", b"%PDF")
    write(place, "submitted/s3/blocks/blocks.ipynb", notebook("3", "lab2"))
    write(place, "submitted/who/blocks/blocks.ipynb", notebook("9"))
    found = rows(course, place)
    assert found == {
        "graded": [("s1", "submitted/s1/blocks/blocks.ipynb")],
        "ungradable": [("s2", "submitted/s2/blocks")],
        "set_aside": [("pair", "submitted/s3/blocks/blocks.ipynb")],
        "unknown": [("", "submitted/who/blocks/blocks.ipynb")],
        "nothing_handed_in": [("s5", "")],
    }
    text = listed(course, place)
    assert text.exit_code == 1
    for said in ("read as nbgrader, collected", "received 2026-10-12 12:00:00 UTC (timestamp.txt)",
                 "found report.pdf, expected a notebook", "this is the notebook of lab2, not of blocks",
                 "blocks: s5"):  # fmt: skip
        assert said in text.stdout


def test_nothing_is_run_or_written(course: Path, tmp_path: Path) -> None:
    write(tmp_path / "in", "s1_blocks.ipynb", notebook("1"))
    before = sorted(tmp_path.rglob("*"))
    listed(course, tmp_path / "in")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["=cmd", "-1", "+1", "@sum", "  =x", "\u00a0=x", "\uff1d1"])
def test_csv_is_safe_for_spreadsheets(course: Path, tmp_path: Path, name: str) -> None:
    write(tmp_path / "in", f"{name}.ipynb", notebook("1"))
    [row, *_] = csv.DictReader(io.StringIO(listed(course, "--csv", tmp_path / "in").stdout))
    assert row["file"] == f"'{name}.ipynb"


def test_no_name_moves_the_cursor_or_breaks_a_line(course: Path, tmp_path: Path) -> None:
    for name in ("\x1b[31mred", "a\nb", "\u202egpj", "\x9b31m", "a\u200bb", "\u2028", "\x1b]0;title\x07"):
        write(tmp_path / "in", f"{name}/{name}.ipynb", notebook(name))
        write(tmp_path / "in", f"{name}.pdf", b"%PDF")
    for options in ((), ("--csv",), ("--json",)):
        text = listed(course, *options, tmp_path / "in").stdout
        assert {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} == {"\n"}


@pytest.mark.parametrize(("arguments", "said"), [
    (("nowhere",), "found nothing there"), (("--worksheet", "none.csv", "."), "none.csv: cannot be read"),
    (("--layout", "cnavas", "."), "cnavas"),
])  # fmt: skip
def test_bad_input_is_one_message_and_status_2(course: Path, arguments: tuple[str, ...], said: str) -> None:
    done = listed(course, *arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_of_several_paths_the_latest_hand_in_counts(course: Path, tmp_path: Path) -> None:
    for name, day, who in (("new", 12, "s4"), ("old", 9, "s3")):
        write(tmp_path / name, f"submitted/{who}/blocks/blocks.ipynb", notebook(name))
        write(tmp_path / name, f"submitted/{who}/blocks/timestamp.txt", f"2026-10-{day:02d} 12:00:00 UTC".encode())
    for order in (("old", "new"), ("new", "old")):  # one member each, of one group
        found = rows(course, *(tmp_path / name for name in order))
        assert found["graded"] == [("pair", "submitted/s4/blocks/blocks.ipynb")]
        assert found["superseded"] == [("pair", "submitted/s3/blocks/blocks.ipynb")]
    assert "2 hand-ins: the one received 2026-10-12 12:00:00 UTC counts" in listed(
        course, tmp_path / "old", tmp_path / "new"
    ).stdout  # fmt: skip


def test_hand_ins_without_times_are_told_to_a_person(course: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, "s1/blocks.ipynb", notebook(name))
    assert "times do not say which is the latest" in listed(course, tmp_path / "a", tmp_path / "b").stdout


def test_a_time_before_the_release_is_told(course: Path, tmp_path: Path) -> None:
    write(tmp_path, "submitted/s1/blocks/blocks.ipynb", notebook("1"))
    write(tmp_path, "submitted/s1/blocks/timestamp.txt", b"2026-09-12 12:00:00 UTC")
    assert "before the assignment was released" in listed(course, tmp_path / "submitted").stdout


@pytest.mark.parametrize(("names", "subject", "said"), [
    (["HW 3_j_doe_attempt_2026-10-12-21-04-33_blocks.ipynb"], "s2", ""),
    (["HW_3_j_doe_attempt_2026-10-12-21-04-33_blocks.ipynb"], "", "j_doe (s2) and doe (s5)"),
    (["x_101_102_883_blocks.ipynb"], "", "Canvas user 101 (s1) and 102 (s2)"),
    (["x_101_20419_883_blocks.ipynb"], "s1", "can also be read as Canvas user 20419"),
    (["x_9_101_883_blocks.ipynb"], "s1", "can also be read as Canvas user 9"),
    (["mallory_999_777_101_5_blocks.ipynb"], "", "the Canvas user number '999' is nobody's"),
    (["x_101_20419_883_blocks.ipynb", "ada_101_884_blocks.ipynb"], "s1", "of the same download is: not counted"),
])  # fmt: skip
def test_names_that_can_be_cut_at_several_places(
    course: Path, tmp_path: Path, names: list[str], subject: str, said: str
) -> None:
    for name in names:
        write(tmp_path / "in", name, notebook(name))
    done = listed(course, tmp_path / "in")
    assert said in done.stdout
    assert [who for who, _ in rows(course, tmp_path / "in").get("graded", [])] == ([subject] if subject else [])


@pytest.mark.parametrize(("first", "second", "said"), [
    ("2026-10-12", "2026-10-12 09:00", "their times do not say which is the latest: the one received 2026-10-12 09:00"),
    ("2026-10-12", "2026-10-13 00:00", "the one received 2026-10-13 00:00:00 UTC counts, the latest"),
    ("2026-10-12 23:59", "2026-10-13", "the one received 2026-10-13 (hour unknown) counts, the latest"),
    ("2026-10-13", "2026-10-13", "their times do not say which is the latest: the one received 2026-10-13 (hour"),
])  # fmt: skip
def test_the_latest_is_said_only_where_the_hour_cannot_change_it(
    course: Path, tmp_path: Path, first: str, second: str, said: str
) -> None:
    for student, stamp in (("s3", first), ("s4", second)):
        write(tmp_path / "submitted", f"{student}/blocks/blocks.ipynb", notebook(student))
        write(tmp_path / "submitted", f"{student}/blocks/timestamp.txt", stamp.encode())
    assert said in listed(course, tmp_path / "submitted").stdout


def test_many_tiny_notebooks_open_each_archive_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    many = {f"n{number}.ipynb": notebook(str(number)) for number in range(600)}
    write(tmp_path / "in", "s1.zip", zipped({"work.zip": zipped(many)}))
    write(tmp_path / "in", "s2.zip", zipped({"blocks.ipynb": notebook("2")}))
    opened: list[str] = []
    from autograder.submissions.opened import Archive

    whole = Archive.open

    def counted(archive: Archive) -> object:
        opened.append(archive.kind)
        return whole(archive)

    monkeypatch.setattr(Archive, "open", counted)
    found = take_in([tmp_path / "in"], Request((Wanted("blocks"),), load_roster(tmp_path / "roster.csv")))
    assert {s.subject for s in found.submissions} == {"s1", "s2"}
    assert len(opened) == 3


def test_who_has_no_result_and_what_was_set_aside_is_kept(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    people = load_roster(tmp_path / "roster.csv")
    write(tmp_path / "in", "s1.ipynb", notebook("1"))
    write(tmp_path / "in", "s2.ipynb", notebook("2", "lab2"))
    write(tmp_path / "in", "notes.txt", b"x")
    intake = take_in([tmp_path / "in"], Request((Wanted("blocks"), Wanted("lab2")), people, only="blocks"))
    arrivals = arrivals_of(intake.submissions, intake.left_over, people)
    write_arrivals(tmp_path, arrivals)
    assert read_arrivals(tmp_path) == arrivals
    found = {(one.student or one.source): one.standing for one in absent(arrivals, ["blocks"], [("blocks", "s1")])}
    assert found == {"s2": "set_aside", "s3": "nothing_handed_in", "s4": "nothing_handed_in",
                     "s5": "nothing_handed_in", "notes.txt": "set_aside"}  # fmt: skip
    later = Arrivals(students=arrivals.students, arrivals=(Arrival(standing="taken", source="again.ipynb",
                     assignment="blocks", subject="s2", members=("s2",)),))  # fmt: skip
    assert {o.student: o.standing for o in absent(arrivals.merged(later), ["blocks"], [])}["s2"] == "waits"


def test_what_no_assignment_is_known_of_has_a_row_with_its_student(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    people = load_roster(tmp_path / "roster.csv")
    write(tmp_path / "in", "s1/blocks.ipynb", notebook("1"))
    write(tmp_path / "in", "s2/lab2.ipynb", notebook("2", "lab2"))
    write(tmp_path / "in", "s5/report.pdf", b"%PDF")
    intake = take_in([tmp_path / "in"], Request((Wanted("blocks"), Wanted("lab2")), people))
    arrivals = arrivals_of(intake.submissions, intake.left_over, people)
    rows = absent(arrivals, ["blocks", "lab2"], ())
    [row] = [row for row in rows if row.standing == "set_aside"]
    assert (row.student, row.assignment, row.source) == ("s5", "", "s5")
    again = take_in([tmp_path / "in"], Request((Wanted("blocks"), Wanted("lab2")), people, only="blocks"))
    later = arrivals.merged(arrivals_of(again.submissions, again.left_over, people))
    assert not [row for row in absent(later, ["blocks", "lab2"], ()) if row.source == "s5"]


def test_damaged_arrivals_are_none(tmp_path: Path) -> None:
    (tmp_path / "intake.json").write_text("{")
    assert read_arrivals(tmp_path) == Arrivals()


def test_moments_are_kept(tmp_path: Path) -> None:
    when = datetime(2026, 10, 12, 12, tzinfo=UTC)
    write_arrivals(tmp_path, Arrivals(arrivals=(Arrival(standing="taken", source="x", received_at=when),)))
    assert read_arrivals(tmp_path).arrivals[0].received_at == when


def test_paths_that_a_shell_lists_one_by_one_are_one_class(course: Path, tmp_path: Path) -> None:
    """Otherwise a student's own zip would be taken for the platform's, and the names in it for its words."""
    place = tmp_path / "in"
    write(place, "s1.zip", zipped({"s2.ipynb": notebook("1"), "s5/blocks.ipynb": notebook("1b")}))
    write(place, "stranger.zip", zipped({"s2.ipynb": notebook("x")}))
    write(place, "s5/s2/blocks.ipynb", notebook("5"))
    write(place, "s2.ipynb", notebook("2"))
    expected = rows(course, place)
    assert [who for who, _ in expected["graded"]] == ["s1", "s2", "s5"]
    assert [file for _, file in expected["unknown"]] == ["stranger.zip/s2.ipynb"]
    assert rows(course, *sorted(place.iterdir())) == expected
    assert rows(course, place / "s1.zip")["graded"] == [expected["graded"][0]]
    assert rows(course, place / "s5")["graded"] == [expected["graded"][2]]


def of_blocks(course: Path, place: Path, *paths: Path) -> list[dict[str, object]]:
    """Rows about `blocks`, from paths in a folder or from all of it."""
    found = json.loads(listed(course, "--json", "--assignment", "blocks", *(paths or (place,))).stdout)["rows"]
    return [row for row in found if row["assignment"] == "blocks"]


@pytest.mark.parametrize("stamped", [True, False])
def test_paths_inside_the_folders_of_students_are_one_class(course: Path, tmp_path: Path, stamped: bool) -> None:
    """`in/*/blocks` and `in/*/blocks/*.ipynb` name what `in` holds of one assignment."""
    place = tmp_path / "in"
    for who in ("s1", "s2", "s5", "stranger", "pair"):
        (place / who / "blocks").mkdir(parents=True)
        if stamped:
            write(place, f"{who}/blocks/timestamp.txt", b"2026-10-12 12:00:00 UTC")
        if who != "pair":
            write(place, f"{who}/blocks/blocks.ipynb", notebook(who))
    write(place, "s2/blocks/more.zip", zipped({"s1.ipynb": notebook("a name is no proof"), "notes.txt": b""}))
    expected = of_blocks(course, place)
    assert [row["student"] for row in expected if row["standing"] == "graded"] == ["s1", "s2", "s5"]
    assert [row["file"] for row in expected if row["standing"] == "unknown"] == ["stranger/blocks/blocks.ipynb"]
    assert of_blocks(course, place, *sorted(place.glob("*/blocks"))) == expected
    books = of_blocks(course, place, *sorted(place.glob("*/blocks/*.ipynb")))
    told = ("student", "file", "standing", "received")
    wanted = [[row[key] for key in told] for row in expected if row["standing"] in ("graded", "unknown")]
    assert [[row[key] for key in told] for row in books if row["standing"] in ("graded", "unknown")] == wanted


def test_several_assignments_inside_the_folders_of_students(course: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    for who in ("s1", "s2", "s5"):
        for name in ("blocks", "lab2"):
            write(place, f"{who}/{name}/{name}.ipynb", notebook(f"{who} {name}", name))
    assert rows(course, *sorted(place.glob("*/*"))) == rows(course, place)


def test_classes_in_folders_of_teachers_stay_classes(course: Path, tmp_path: Path) -> None:
    """Nobody of the roster has a folder here, so what lies in them is a class each."""
    for teacher, who in (("monday", "s1"), ("friday", "s2")):
        write(tmp_path / teacher, f"blocks/{who}.ipynb", notebook(teacher))
    found = rows(course, tmp_path / "monday/blocks", tmp_path / "friday/blocks")["graded"]
    assert [who for who, _ in found] == ["s1", "s2"]


def test_one_class_in_the_folder_of_a_teacher_who_is_in_the_roster(course: Path, tmp_path: Path) -> None:
    write(tmp_path / "s5", "blocks/s1.ipynb", notebook("1"))
    assert [who for who, _ in rows(course, tmp_path / "s5/blocks")["graded"]] == ["s1"]


def test_two_class_folders_side_by_side_stay_classes(course: Path, tmp_path: Path) -> None:
    for name in ("monday", "friday"):
        write(tmp_path / name, f"{'s1' if name == 'monday' else 's2'}/blocks.ipynb", notebook(name))
    assert [who for who, _ in rows(course, tmp_path / "monday", tmp_path / "friday")["graded"]] == ["s1", "s2"]


def test_other_files_of_a_hand_in_are_told_and_what_programs_left(course: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    files = {"blocks.ipynb": notebook("1"), "report.pdf": b"%PDF", "__MACOSX/._blocks.ipynb": b"", ".git": b"gitdir"}
    write(place, "s1.zip", zipped(files))
    write(place, "s2/.ipynb_checkpoints/blocks-checkpoint.ipynb", notebook("2"))
    write(place, "__pycache__/x.pyc", b"")
    found = json.loads(listed(course, "--json", "--assignment", "blocks", place).stdout)
    mine, lone = sorted(
        (row for row in found["rows"] if row["student"] in ("s1", "s2")), key=lambda row: row["student"]
    )
    assert (mine["file"], mine["standing"]) == ("s1.zip/blocks.ipynb", "graded")
    assert mine["beside"] == ["s1.zip/.git", "s1.zip/report.pdf", "s1.zip/__MACOSX"]
    assert lone["standing"] == "ungradable"
    assert "found only what programs leave (.ipynb_checkpoints)" in lone["why"]
    assert found["notes"] == ["not looked into, since programs leave such files and folders: __pycache__"]
    assert "with s1.zip/.git, s1.zip/report.pdf, s1.zip/__MACOSX" in listed(course, place).stdout


def test_a_results_folder_keeps_the_other_files_of_a_hand_in(course: Path, tmp_path: Path) -> None:
    people = load_roster(course / "roster.csv")
    write(tmp_path / "in", "s1/blocks.ipynb", notebook("1"))
    for number in range(203):
        write(tmp_path / "in", f"s1/{number:03}.txt", b"")
    intake = take_in([tmp_path / "in"], Request((Wanted("blocks"),), people))
    (one,) = arrivals_of(intake.submissions, intake.left_over, people).arrivals
    assert (len(one.beside), one.beside[0], one.beside[-1]) == (201, "s1/000.txt", "and 3 more")


def test_the_deadline_that_holds_is_told_with_how_late_it_was(course: Path, tmp_path: Path) -> None:
    """Clocks go back that night: 24 hours later is an hour earlier on the clock."""
    (course / "course.yaml").write_text(
        COURSE.replace("released: 2026-10-01T00:00:00Z", "due: 2026-10-24T23:59:00+02:00")
        + "time_zone: Europe/Berlin\n"
    )
    (course / "roster.csv").write_text(
        "id,group,extensions\ns1,,blocks=+24h\ns2,,blocks=+1d\ns3,pair,\ns4,pair,\ns5,,\ns6,,\n"
    )
    common = "assignment: blocks, who: anna, why: ill, when: 2026-10-20"
    (course / "adjustments.yaml").write_text(
        "adjustments:\n"
        f"- {{kind: extension, until: 2026-10-30T10:00:00+02:00, students: [s4], {common}}}\n"
        f"- {{kind: received_at, at: 2026-10-24T10:00:00+02:00, students: [s5], {common}}}\n"
    )
    for student in ("s1", "s2", "s3", "s5", "s6"):
        write(tmp_path / "submitted", f"{student}/blocks/blocks.ipynb", notebook(student))
        stamp = b"" if student == "s6" else b"2026-10-25 23:30:00+01:00"
        write(tmp_path / "submitted", f"{student}/blocks/timestamp.txt", stamp)
    found = json.loads(listed(course, "--json", tmp_path / "submitted").stdout)["rows"]
    assert {row["student"]: row["due"] for row in found if row["standing"] == "graded"} == {
        "s1": "own deadline 25 October 2026, 22:59 (CET): 31 minutes late",
        "s2": "own deadline 25 October 2026, 23:59 (CET): in time",
        "pair": "own deadline 30 October 2026, 09:00 (CET): in time",
        "s5": "due 24 October 2026, 23:59 (CEST): in time",
        "s6": "due 24 October 2026, 23:59 (CEST)",
    }
    (five,) = (row for row in found if row["student"] == "s5")
    assert five["received"] == "2026-10-24 08:00:00 UTC (adjustments.yaml)"
    shown = listed(course, tmp_path / "submitted").stdout
    assert "received unknown, due 24 October 2026, 23:59 (CEST)" in shown


def test_a_class_that_handed_in_nothing_has_its_rows(course: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    found = rows(course, tmp_path / "in", "--assignment", "blocks")
    assert [who for who, _ in found["nothing_handed_in"]] == ["s1", "s2", "s3", "s4", "s5"]


def test_a_link_among_the_hand_ins_says_that_it_is_one(course: Path, tmp_path: Path) -> None:
    write(tmp_path / "in", "s1/blocks.ipynb", notebook("1"))
    (tmp_path / "in" / "s9").symlink_to(tmp_path / "in" / "s1")
    assert "found a symbolic link, expected a file; links are not followed" in listed(course, tmp_path / "in").stdout


def test_a_student_s_own_time_stamp_in_capitals_does_not_count(course: Path, tmp_path: Path) -> None:
    place = tmp_path / "submitted"
    for student in ("s1", "s2", "s5"):
        write(place, f"{student}/blocks/blocks.ipynb", notebook(student))
    write(place, "s1/blocks/timestamp.txt", b"2026-10-12 10:00 UTC")
    write(place, "s1/blocks/TIMESTAMP.TXT", b"2026-10-02 10:00 UTC")
    write(place, "s2/blocks/Timestamp.txt", b"2026-10-02 10:00 UTC")
    write(place, "s5/blocks/timestamp.txt", b"2026-10-02 10:00 UTC " * 100)
    found = json.loads(listed(course, "--json", place).stdout)["rows"]
    said = {row["student"]: (row["received"], row["why"]) for row in found if row["standing"] == "graded"}
    assert said["s1"][0] == "2026-10-12 10:00:00 UTC (timestamp.txt)"
    assert said["s2"][0] == "unknown"
    assert said["s5"] == ("unknown", "timestamp.txt: found 2100 bytes, expected a time: time of receipt unknown")


def test_a_notebook_that_grading_cannot_read_is_told(course: Path, tmp_path: Path) -> None:
    for student, data in (("s1", b""), ("s2", b"{"), ("s5", b"[" * 100_000), ("s3", notebook("3"))):
        write(tmp_path / "in", f"{student}/blocks.ipynb", data)
    found = rows(course, tmp_path / "in")
    assert [who for who, _ in found["ungradable"]] == ["s1", "s2", "s5"]
    assert [who for who, _ in found["graded"]] == ["pair"]


@pytest.mark.parametrize("arguments", [(), ("--assignment", "blocks")])
def test_a_notebook_under_another_ending_beside_another_assignment_s(
    course: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    write(tmp_path / "in", "s1/blocks.ipynb.txt", notebook("1"))
    write(tmp_path / "in", "s1/lab2.ipynb", notebook("1", "lab2"))
    found = rows(course, tmp_path / "in", *arguments)["graded"]
    assert found == [("s1", "s1/blocks.ipynb.txt"), *([("s1", "s1/lab2.ipynb")] if not arguments else [])]


@pytest.mark.parametrize(("name", "subject", "told"), [
    ("Doe_Ada_j_doe_40001", "", True), ("Roe_Ada_j_roe_40001", "s2", True), ("Roe_Ada_roe_40001", "s5", False),
    ("Roe_Ada Marie_j_roe_40002", "s2", False),
])  # fmt: skip
def test_a_login_that_a_first_name_may_reach_into_is_told(
    course: Path, tmp_path: Path, name: str, subject: str, told: bool
) -> None:
    logins = "j_doe,doe" if "Doe" in name else "j_roe,roe" if subject == "s5" else "j_roe,other"
    first, second = logins.split(",")
    (course / "roster.csv").write_text(f"id,aliases\ns2,login:{first}; ilias:40002\ns5,login:{second}\n")
    write(tmp_path / "Submissions", f"{name}/blocks.ipynb", notebook("1"))
    found = json.loads(listed(course, "--json", tmp_path / "Submissions").stdout)["rows"]
    (row,) = (row for row in found if row["standing"] in ("graded", "unknown"))
    assert row["student"] == subject
    assert ("can also be read as" in row["why"] or "can be read in two ways" in row["why"]) == told


def test_files_of_one_name_under_several_paths_are_told_apart_by_the_path(course: Path, tmp_path: Path) -> None:
    for week, day in (("w1", 10), ("w2", 12)):
        write(tmp_path / week / "lab2", "submitted/s1/blocks/blocks.ipynb", notebook(week))
        write(tmp_path / week / "lab2", "submitted/s2/blocks/report.pdf", week.encode())
        write(tmp_path / week / "lab2", "submitted/s1/blocks/timestamp.txt", f"2026-10-{day:02d} 12:00:00 UTC".encode())
    paths = [tmp_path / "w2/lab2/submitted", tmp_path / "w1/lab2/submitted"]
    found = rows(course, *paths)
    assert found["graded"] == [("s1", "w2/lab2/submitted/s1/blocks/blocks.ipynb")]
    assert found["superseded"][0] == ("s1", "w1/lab2/submitted/s1/blocks/blocks.ipynb")
    assert {file for _, file in [*found["ungradable"], *found["superseded"][1:]]} == {
        f"{week}/lab2/submitted/submitted/s2/blocks" for week in ("w1", "w2")
    }


@pytest.mark.parametrize("again", ["in", "in/../in", "in/s1.ipynb", "link"])
def test_a_path_that_is_given_twice_comes_in_once(course: Path, tmp_path: Path, again: str) -> None:
    write(tmp_path / "in", "s1.ipynb", notebook("1"))
    write(tmp_path / "in", "s2.ipynb", notebook("2"))
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for paths in ((tmp_path / "in", tmp_path / again), (tmp_path / again, tmp_path / "in")):
        found = rows(course, *paths, "--assignment", "blocks")
        assert found["graded"] == [("s1", "s1.ipynb"), ("s2", "s2.ipynb")]
        assert "superseded" not in found


def test_empty_folders_have_a_row_wherever_they_lie(course: Path, tmp_path: Path) -> None:
    place = tmp_path / "in" / "submitted"
    write(place, "s1/lab2/lab2.ipynb", notebook("1", "lab2"))
    for empty in ("s1/blocks", "s2/blocks/work/deep", "s5", "s3/elsewhere"):
        (place / empty).mkdir(parents=True)
    for path in (tmp_path / "in", place):
        found = rows(course, path)
        assert found["ungradable"] == [("s1", "submitted/s1/blocks"), ("s2", "submitted/s2/blocks")]
        assert found["set_aside"] == [("pair", "submitted/s3/elsewhere"), ("s5", "submitted/s5")]


@pytest.mark.parametrize("names", [("Ada_1_assignsubmission_file_", "Jo_2_assignsubmission_file_"), ("s1", "s2", "x")])
def test_a_class_that_was_taken_for_one_student_is_told(course: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        write(tmp_path / "in" / "CS101-Ex3", f"{name}/blocks.ipynb", notebook(name))
    assert "CS101-Ex3 was taken for one student's, and holds" in listed(course, tmp_path / "in").stdout
    write(tmp_path / "alone", "stranger/work/blocks.ipynb", notebook("1"))
    assert "was taken for" not in listed(course, tmp_path / "alone").stdout


def test_the_released_name_itself_goes_before_one_in_capitals(course: Path, tmp_path: Path) -> None:
    write(tmp_path / "in", "s1/BLOCKS.ipynb", notebook("1"))
    write(tmp_path / "in", "s1/work/blocks.ipynb", notebook("2"))
    assert rows(course, tmp_path / "in")["graded"] == [("s1", "s1/work/blocks.ipynb")]


def test_what_is_no_notebook_is_of_the_assignment_in_its_name(course: Path, tmp_path: Path) -> None:
    write(tmp_path / "in", "s1/blocks.py", b"print()")
    write(tmp_path / "in", "s2/lab2.7z", b"7z")
    write(tmp_path / "in", "s5/blocks.json", notebook("5").decode().encode("utf-16"))
    found = json.loads(listed(course, "--json", tmp_path / "in").stdout)["rows"]
    assert {(row["student"], row["assignment"], row["standing"]) for row in found if row["file"]} == {
        ("s1", "blocks", "ungradable"), ("s2", "lab2", "ungradable"), ("s5", "blocks", "graded")
    }  # fmt: skip


@pytest.mark.parametrize("names", [("anna_b_muster_12", "jo_c_doe_13"), ("x_101_5_a", "y_102_6_b"),
                                   ("lab-ada", "lab-jo"), ("31-1 - Ada - 1 Okt 2026 2104", "b")])  # fmt: skip
@pytest.mark.parametrize("ending", ["/blocks.ipynb", ".zip", ".ipynb"])
def test_ids_that_look_like_a_platform_s_names_are_ids(
    course: Path, tmp_path: Path, names: tuple[str, str], ending: str
) -> None:
    lines = [f"s{number},login:{name}" for number, name in enumerate(names)]
    (course / "roster.csv").write_text("\n".join(["id,aliases", *lines]) + "\n")
    for name in names:
        data = zipped({"blocks.ipynb": notebook(name)}) if ending == ".zip" else notebook(name)
        write(tmp_path / "in", f"{name}{ending}", data)
    assert [who for who, _ in rows(course, tmp_path / "in")["graded"]] == ["s0", "s1"]
