"""A course for another year: what goes along, what stays behind, and when it is due."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.course import load_course
from autograder.course.new import new_course
from autograder.course.next_year import later
from autograder.course.roster import load_roster
from autograder.course.secret import VARIABLE, course_secret
from autograder.course.variant_table import VariantTable, read_variant_table, write_variant_table

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    root = tmp_path / "this_year"
    new_course(root, "A course", "01_first")
    text = (root / "course.yaml").read_text()
    [hours] = [line for line in text.splitlines() if line.lstrip().startswith("hours:")]
    indent = hours[: hours.index("hours:")]
    dates = f"{indent}released: 2026-09-01T08:00:00+02:00  # a Tuesday\n{indent}due: 2026-10-20T23:59:00+02:00"
    (root / "course.yaml").write_text(text.replace(hours, f"{dates}\n{hours}"))
    (root / "roster.csv").write_text("id,email,aliases,group,section,extensions\ns1,ada@uni.example,,,,\n")
    (root / "data").mkdir()
    (root / "data/numbers.csv").write_text("1\n")
    for name in ("results/staff/evidence.json", "assignments/01_first/01_first.ipynb", "build/x", ".venv/pyvenv.cfg",
                 "solutions/01_first/releases.json", "adjustments.yaml"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}")
    (root / "outside").symlink_to("/etc")
    course_secret(root)
    write_variant_table(root, VariantTable().completed(load_roster(root / "roster.csv")))
    return root


def run(course: Path, folder: Path, *options: str) -> str:
    result = CliRunner().invoke(main, ["next-year", str(folder), "--course", str(course), *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_what_goes_along_and_what_stays_behind(course: Path, tmp_path: Path) -> None:
    there = tmp_path / "next_year"
    run(course, there, "--term", "autumn 2027")
    copied = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    ours = {path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file()}
    gone = {"results/staff/evidence.json", "assignments/01_first/01_first.ipynb", "build/x", ".venv/pyvenv.cfg",
            "solutions/01_first/releases.json", "adjustments.yaml"}  # fmt: skip
    assert copied == ours - gone
    assert course_secret(there) != course_secret(course)
    assert (there / "roster.csv").read_text() == "id,email,aliases,group,section,extensions\n"
    table, before = read_variant_table(there), read_variant_table(course)
    assert table is not None
    assert before is not None
    assert [(row.code, row.kind, row.subject) for row in table.rows] == [(before.rows[0].code, "retired", "")]
    assert "s1" not in (there / "variants.csv").read_text()
    assert load_course(there).term == "autumn 2027"


def test_dates_are_later_and_all_else_in_the_file_is_as_it_was(course: Path, tmp_path: Path) -> None:
    said = run(course, tmp_path / "there")
    assert "due: 2026-10-20T23:59:00+02:00 -> 2027-10-19T23:59:00+02:00" in said
    before, after = ((root / "course.yaml").read_text() for root in (course, tmp_path / "there"))
    changed = before.replace("2026-10-20T", "2027-10-19T").replace("2026-09-01T", "2027-08-31T")
    assert after == changed


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(BERLIN, "2027-03-28T12:00:00+02:00"), (None, "2027-03-28T12:00:00+01:00")],  # clocks change on that morning
)
def test_the_clock_time_stays_where_clocks_change(zone: ZoneInfo | None, expected: str) -> None:
    assert later(datetime.fromisoformat("2026-03-28T12:00:00+01:00"), zone, 365).isoformat() == expected


@pytest.mark.parametrize("where", ["inside", "full"])
def test_no_folder_is_written_over(course: Path, tmp_path: Path, where: str) -> None:
    folder = course / "copy" if where == "inside" else tmp_path / "full"
    if where == "full":
        folder.mkdir()
        (folder / "mine").write_text("")
    result = CliRunner().invoke(main, ["next-year", str(folder), "--course", str(course)])
    assert result.exit_code == 1
    assert "Error" in result.output
    assert where == "full" or not folder.exists()
