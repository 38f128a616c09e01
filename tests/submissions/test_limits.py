"""What one student's many files may cost, and that the one to grade is found among them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any, Literal

import pytest

from autograder.course.roster import load_roster
from autograder.submissions import listing, opened
from autograder.submissions.choice import MOST_OPENED
from autograder.submissions.find import Intake, Request, take_in
from autograder.submissions.receipt import Clock
from tests.submissions.class_folders import WANTED, ZONE, notebook, write, zipped

MANY = {f"a{number}.ipynb": notebook(str(number)) for number in range(60)}
ASKED = {"z/blocks.ipynb": notebook("asked"), "z/weights.safetensors": b"w"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES_EACH", 20)


def tarred(files: dict[str, bytes], mode: Literal["w:", "w:gz", "w:bz2", "w:xz"] = "w:gz") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def taken_in(folder: Path, *paths: Path) -> Intake:
    (folder / "roster.csv").write_text("id\ns1\ns2\n")
    return take_in(paths or [folder / "in"], Request(WANTED, load_roster(folder / "roster.csv"), clock=Clock(ZONE)))


def put(folder: Path, place: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        write(folder / "in", f"{place}{name}", data)


@pytest.mark.parametrize("how", ["folder", "zip", "tar", "zip in a folder", "given one by one"])
def test_what_was_asked_for_is_found_among_more_files_than_are_kept(how: str, tmp_path: Path) -> None:
    put(tmp_path, "s2/", {"blocks.ipynb": notebook("2")})
    files = MANY | ASKED
    if how == "folder":
        put(tmp_path, "s1/", files)
    elif how == "zip in a folder":
        put(tmp_path, "s1/", {"work.zip": zipped(files)})
    else:
        put(tmp_path, "", {"s1.tar.gz": tarred(files)} if how == "tar" else {"s1.zip": zipped(files)})
    paths = sorted((tmp_path / "in").iterdir()) if how == "given one by one" else []
    first, second = sorted(taken_in(tmp_path, *paths).submissions, key=lambda one: one.subject)
    assert (first.subject, second.subject, second.flags) == ("s1", "s2", ())
    assert first.notebook == notebook("asked")
    assert first.files(["weights.safetensors"]) == {"weights.safetensors": b"w"}
    assert any("found 62 files, expected at most 20: those with the names that were asked" in f for f in first.flags)


def test_nbgrader_s_time_stamp_is_read_among_more_files_than_are_kept(tmp_path: Path) -> None:
    stamps = {f"{n}/timestamp.txt": b"2020-01-01 00:00 UTC" for n in range(30)}
    put(tmp_path, "submitted/s1/blocks/", MANY | ASKED | stamps | {"timestamp.txt": b"2026-10-12 12:00 UTC"})
    [found] = taken_in(tmp_path).submissions
    assert str(found.received_at) == "2026-10-12 12:00:00+00:00"
    assert found.notebook == notebook("asked")


def test_one_student_s_folders_count_together_where_paths_are_given_one_by_one(tmp_path: Path) -> None:
    put(tmp_path, "", {"s1.zip": zipped({f"{n}/blocks.ipynb": notebook(str(n)) for n in range(60)})})
    put(tmp_path, "s2/", {"blocks.ipynb": notebook("2")})
    first, second = taken_in(tmp_path, *sorted((tmp_path / "in").iterdir())).submissions
    assert any("found 60 files, expected at most 20" in flag for flag in first.flags)
    assert second.flags == ()


def test_the_released_name_is_opened_whatever_else_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES_EACH", 2000)
    others = {f"lab2 {n}.ipynb.txt": notebook(str(n), "lab2") for n in range(5 * MOST_OPENED)}
    put(tmp_path, "s1/", others | {"blocks.ipynb": notebook("asked")})
    graded = {s.assignment: s for s in taken_in(tmp_path).submissions}
    assert graded["blocks"].notebook == notebook("asked")
    assert graded["lab2"].problem == ""


def test_many_files_of_another_kind_do_not_hide_a_notebook_under_another_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_FILES_EACH", 2000)
    put(tmp_path, "s1/", {f"a{n}.json": b'{"a": 1}' for n in range(5 * MOST_OPENED)} | {"blocks.ipnyb": notebook("1")})
    put(tmp_path, "s2/", {f"a{n}.json": b'{"a": 1}' for n in range(5 * MOST_OPENED)} | {"blocks.json": notebook("2")})
    found = taken_in(tmp_path).submissions
    assert [(s.subject, s.assignment, s.problem) for s in found] == [("s1", "blocks", ""), ("s2", "blocks", "")]
    assert all("a notebook under another ending" in s.notices[-1] for s in found)


@pytest.mark.parametrize("how", ["folder", "zip", "tree"])
def test_whoever_is_given_alone_is_told_of_their_own_limit(how: str, tmp_path: Path) -> None:
    """By their name, and in their one row: not as a second hand-in without a name."""
    place = {"folder": "s1", "zip": "s1.zip", "tree": "submitted/s1/blocks"}[how]
    if how == "zip":
        put(tmp_path, "", {place: zipped(MANY | ASKED)})
    else:
        put(tmp_path, f"{place}/", MANY | ASKED)
    (one,) = taken_in(tmp_path, tmp_path / "in" / place).submissions
    assert (one.subject, one.assignment, one.problem, one.notebook) == ("s1", "blocks", "", notebook("asked"))
    assert [
        flag for flag in one.flags if flag.startswith(f"{place.split('/')[-1]}: found 62 files, expected at most 20")
    ]


def test_names_are_looked_at_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (listing, opened):
        monkeypatch.setattr(module, "MAX_SEEN_EACH", 50)
    put(tmp_path, "", {"s1.tar.gz": tarred(MANY | ASKED)})
    put(tmp_path, "s2/", {f"{n}/{m}.txt": b"" for n in range(9) for m in range(9)} | {"blocks.ipynb": notebook("2")})
    first, second = sorted(taken_in(tmp_path).submissions, key=lambda one: one.subject)
    assert "found a tar of more than 50 files, expected a few" in first.problem
    assert second.problem == ""
    assert any("found more than 50 files" in flag for flag in second.flags)


def test_what_is_refused_is_told_up_to_a_limit_for_each_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_TOLD_EACH", 3)
    put(tmp_path, "s1/", {"blocks.ipynb": notebook("1")})
    put(tmp_path, "s2/", {"blocks.ipynb": notebook("2")})
    for number in range(9):
        (tmp_path / "in" / "s1" / f"{number}").symlink_to("/etc/passwd")
    (tmp_path / "in" / "s2" / "link").symlink_to("/etc/passwd")
    first, second = taken_in(tmp_path).submissions
    assert sum("symbolic link" in flag for flag in first.flags) == 3
    assert any("6 more such files or folders were refused" in flag for flag in first.flags)
    assert sum("symbolic link" in flag for flag in second.flags) == 1


def test_a_damaged_tar_is_not_called_a_zip(tmp_path: Path) -> None:
    put(tmp_path, "", {"s1.tar": b"x" * 600, "s2.tgz": tarred({"blocks.ipynb": notebook("2")})[:-40]})
    (tmp_path / "in" / "s3").mkdir()
    put(tmp_path, "s3/", {"twice.tar.gz": tarred({"../blocks.ipynb": notebook("3")})})
    for submission in taken_in(tmp_path).submissions:
        assert not any(said in submission.problem for said in ("zip it", "zip the", "of the zip", "in the zip"))
        assert "tar" in submission.problem or "tgz" in submission.problem


def test_copies_of_a_file_to_hand_in_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    whole = opened.Archive._copy

    def counted(archive: opened.Archive, member: opened.Member, target: io.BytesIO) -> None:
        read.append(member.name)
        whole(archive, member, target)

    monkeypatch.setattr(opened.Archive, "_copy", counted)
    copies = {f"weights ({n}).safetensors": str(n).encode() for n in range(1, 15)}
    put(tmp_path, "", {"s1.zip": zipped(copies | {"blocks.ipynb": notebook("1")})})
    [found] = taken_in(tmp_path).submissions
    assert found.files(["weights.safetensors"]) == {"weights.safetensors": b"14"}
    assert set(read) == {"blocks.ipynb", "weights (14).safetensors"}


@pytest.mark.parametrize(("ending", "mode"), [
    (".tar", "w:"), (".tar.gz", "w:gz"), (".TGZ", "w:gz"), (".tar.bz2", "w:bz2"), (".tar.xz", "w:xz")
])  # fmt: skip
@pytest.mark.parametrize("around", ["folder", "zip", "tar"])
def test_tars_are_opened_wherever_they_lie(tmp_path: Path, ending: str, mode: Any, around: str) -> None:
    tars = {f"s{n}{ending}": tarred({"work/blocks.ipynb": notebook(str(n))}, mode) for n in (1, 2)}
    tars["s2.zip"] = zipped({f"work{ending}": tars.pop(f"s2{ending}")})
    if around == "folder":
        put(tmp_path, "", tars)
    else:
        write(tmp_path, "in", zipped(tars) if around == "zip" else tarred(tars))
        (tmp_path / "in").rename(tmp_path / f"class.{around}")
    path = tmp_path / ("in" if around == "folder" else f"class.{around}")
    found = sorted(taken_in(tmp_path, path).submissions, key=lambda one: one.subject)
    assert [(s.subject, s.problem, s.notebook) for s in found] == [(f"s{n}", "", notebook(str(n))) for n in (1, 2)]
