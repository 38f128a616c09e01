"""What students hand in, as it arrives through nbgrader, learning platforms, folders and zips."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course.roster import Roster, load_roster
from autograder.submissions import find as finding
from autograder.submissions import listing
from autograder.submissions.find import Request, Submission, SubmissionError, Wanted, find_submissions, take_in

ASSIGNMENTS = ["03_separable", "04_distillation"]


ROSTER = """id,email,aliases
alice,,canvas:123456
bob,,
m1,,münch
ada,ada@x.edu,d2l:99
al,,login:al815
"""


def roster() -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        path.write_text(ROSTER)
        return load_roster(path)


def book(source: str = "x = 1", assignment: str = "") -> bytes:
    metadata = {"autograder": {"assignment": assignment}} if assignment else {}
    cells = [{"cell_type": "code", "source": source, "metadata": {}}]
    return json.dumps({"nbformat": 4, "metadata": metadata, "cells": cells}).encode()


def write(path: Path, data: bytes | str = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data or book(str(path)))
    return path


def zipped(files: dict[str, bytes], **options: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def find(path: Path, assignment: str | None = None) -> list[Submission]:
    return find_submissions(path, assignments=ASSIGNMENTS, roster=roster(), assignment=assignment)


def graded(found: list[Submission]) -> dict[tuple[str, str], str]:
    return {(s.subject, s.assignment): s.source for s in found if not s.problem}


def test_one_notebook(tmp_path: Path) -> None:
    path = write(tmp_path / "alice_03_separable.ipynb")
    (found,) = find(path)
    assert (found.subject, found.members, found.matched) == ("alice", ("alice",), True)
    assert (found.assignment, found.source, found.received_at) == ("03_separable", path.name, None)
    assert found.notebook == path.read_bytes()
    assert found.info.notebook_sha256 == found.sha256


def test_a_folder_of_notebooks(tmp_path: Path) -> None:
    for name in ("alice_03_separable", "03-separable Bob (1)", "münch-04_distillation", "stranger_03_separable"):
        write(tmp_path / f"{name}.ipynb")
    write(tmp_path / "notes.txt", "x")
    write(tmp_path / ".ipynb_checkpoints" / "alice_03_separable-checkpoint.ipynb")
    found = find(tmp_path)
    assert len(found) == 4
    subjects = {s.subject for s in found}
    stranger = next(s for s in found if not s.matched)
    assert subjects == {"alice", "bob", "m1", stranger.subject}
    assert re.fullmatch("unmatched-[0-9a-f]{8}", stranger.subject)
    assert stranger.problem == ""
    assert "'stranger_03_separable' is nobody's in the roster" in stranger.flags[0]


def test_names_in_decomposed_form_match(tmp_path: Path) -> None:
    write(tmp_path / "mu\u0308nch_03_separable.ipynb")
    assert find(tmp_path)[0].subject == "m1"


def nbgrader_tree(root: Path) -> Path:
    write(root / "submitted/alice/03_separable/03_separable.ipynb")
    write(root / "submitted/alice/03_separable/timestamp.txt", "2026-10-12 21:04:33.948203 UTC\n")
    write(root / "submitted/alice/03_separable/weights.safetensors", "weights")
    write(root / "submitted/alice/04_distillation/renamed.ipynb")
    write(root / "submitted/bob/03_separable/03_separable.ipynb")
    return root / "submitted"


def test_an_nbgrader_tree(tmp_path: Path) -> None:
    found = find(nbgrader_tree(tmp_path))
    assert set(graded(found)) == {("alice", "03_separable"), ("alice", "04_distillation"), ("bob", "03_separable")}
    first = found[0]
    assert first.received_at == datetime(2026, 10, 12, 21, 4, 33, 948203, UTC)
    assert list(first.artifacts) == ["weights.safetensors"]
    assert first.artifacts["weights.safetensors"].read() == b"weights"
    assert [s.received_at for s in found[1:]] == [None, None]
    assert set(graded(find(tmp_path / "submitted", "03_separable"))) == {
        ("alice", "03_separable"),
        ("bob", "03_separable"),
    }


@pytest.mark.parametrize(
    "part", ["submitted/alice", "submitted/alice/03_separable", "submitted/alice/03_separable/03_separable.ipynb"]
)
def test_a_part_of_an_nbgrader_tree(tmp_path: Path, part: str) -> None:
    nbgrader_tree(tmp_path)
    first = find(tmp_path / part)[0]
    assert (first.subject, first.assignment, list(first.artifacts)) == (
        "alice",
        "03_separable",
        ["weights.safetensors"],
    )
    assert first.received_at is not None


@pytest.mark.parametrize(("path", "subject"), [
    ("lovelaceada_123456_7890_hw.ipynb", "alice"),
    ("lovelaceada_LATE_123456_7890_bob.ipynb", "alice"),
    ("99-1 - Bob - Oct 12, 2026 904 PM/work.ipynb", "ada"),
    ("Assignment 3_al815_attempt_2026-10-12-21-04-33_hw.ipynb", "al"),
    ("alice/anything.ipynb", "alice"),
    ("alice.zip/bob/anything.ipynb", "alice"),
])  # fmt: skip
def test_the_channel_s_name_decides(tmp_path: Path, path: str, subject: str) -> None:
    if ".zip/" in path:
        write(tmp_path / "alice.zip", zipped({"bob/anything.ipynb": book()}))
    else:
        write(tmp_path / path)
    assert find(tmp_path, "03_separable")[0].subject == subject


@pytest.mark.parametrize("path", [
    "bob_99999_777_alice.ipynb",  # a name instead of an unknown number
    "Bob_4711_assignsubmission_file_/alice.ipynb",
    "98-1 - Bob - Oct 12, 2026 904 PM/alice.ipynb",
    "123456/work.ipynb",  # a Canvas number in a folder that no platform wrote
    "section 2/alice/anything.ipynb",
    "stranger/alice/03_separable/x.ipynb",
])  # fmt: skip
def test_nothing_but_the_channel_s_own_kind_of_name_identifies(tmp_path: Path, path: str) -> None:
    write(tmp_path / path)
    (found,) = find(tmp_path, "03_separable")
    assert not found.matched
    assert "nobody in the roster matched" in found.flags[0]


def test_a_student_cannot_name_another(tmp_path: Path) -> None:
    """The outer, the channel's name decides: a file or folder that bob calls `alice` stays bob's."""
    write(tmp_path / "bob/alice.ipynb")
    assert graded(find(tmp_path, "03_separable")) == {("bob", "03_separable"): "bob/alice.ipynb"}
    export = zipped({"bob.zip": zipped({"alice/03_separable/03_separable.ipynb": book("1")})})
    assert set(graded(find(write(tmp_path / "export.zip", export)))) == {("bob", "03_separable")}
    mallory = write(tmp_path / "deep/bob/alice/03_separable/x.ipynb")
    write(mallory.parent / "timestamp.txt", "2020-01-01 00:00:00 UTC")
    (found,) = find(tmp_path / "deep")
    assert (found.subject, found.received_at) == ("bob", None)
    stranger = write(tmp_path / "other/stranger/alice.ipynb")
    assert not find(stranger.parents[1], "03_separable")[0].matched


def test_a_time_stamp_in_a_students_zip_does_not_count(tmp_path: Path) -> None:
    inner = zipped(
        {"alice/03_separable/a.ipynb": book(), "alice/03_separable/timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    )
    (found,) = find(write(tmp_path / "all.zip", zipped({"alice.zip": inner})))
    assert (found.subject, found.received_at) == ("alice", None)


def test_zips_of_everything(tmp_path: Path) -> None:
    tree = {
        "submitted/alice/03_separable/a.ipynb": book("1"),
        "submitted/alice/03_separable/timestamp.txt": b"2026-10-12 00:00",
    }
    (found,) = find(write(tmp_path / "a.zip", zipped(tree)))
    assert (found.subject, found.source) == ("alice", "a.zip/submitted/alice/03_separable/a.ipynb")
    assert found.received_at == datetime(2026, 10, 12, tzinfo=UTC)
    assert found.notebook == book("1")
    export = {
        "alice.zip": zipped({"work/03_separable.ipynb": book("2"), "work/w.pt": b"w"}),
        "bob.zip": zipped({"03_separable.ipynb": book("3"), "__MACOSX/._03_separable.ipynb": b"junk"}),
    }
    found_all = find(write(tmp_path / "b.zip", zipped(export)))
    assert set(graded(found_all)) == {("alice", "03_separable"), ("bob", "03_separable")}
    assert {s.notebook for s in found_all} == {book("2"), book("3")}
    assert ["w.pt"] in [list(s.artifacts) for s in found_all]


def test_within_a_hand_in_the_released_name_counts_and_never_a_time(tmp_path: Path) -> None:
    old = write(tmp_path / "alice" / "03_separable.ipynb")
    for name in ("scratch", "03_separable-Copy1", "03_separable (1)"):
        write(tmp_path / "alice" / f"{name}.ipynb")
    os.utime(old, (1, 1))
    (found,) = find(tmp_path, "03_separable")
    assert found.source == "alice/03_separable.ipynb"
    assert "03_separable.ipynb was graded, not" in found.notices[0]
    old.unlink()
    assert find(tmp_path, "03_separable")[0].source == "alice/03_separable (1).ipynb"


def test_the_assignment_comes_from_the_place_then_from_the_notebook(tmp_path: Path) -> None:
    write(tmp_path / "alice.ipynb", book("1", "04_distillation"))
    write(tmp_path / "bob.ipynb", book("2", "05_unknown"))
    alice, bob = find(tmp_path)
    assert alice.assignment == "04_distillation"
    assert bob.assignment == ""
    assert "cannot tell which assignment this is, expected one of 03_separable, 04_distillation in" in bob.problem
    assert "--assignment" in bob.problem


def test_a_hand_in_without_a_notebook_says_what_it_holds(tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path / "alice" / f"{number}.txt", "x")
    (found,) = find(tmp_path)
    assert found.problem.startswith("alice: found 0.txt, 1.txt, 2.txt, 3.txt and 2 more, expected a notebook")


def test_of_files_that_were_refused_the_notebook_is_named(tmp_path: Path) -> None:
    write(tmp_path / "secret", "secret")
    (tmp_path / "in" / "alice").mkdir(parents=True)
    for name in ("a.txt", "work.IPYNB", "z.txt"):
        (tmp_path / "in" / "alice" / name).symlink_to(tmp_path / "secret")
    (found,) = find(tmp_path / "in")
    assert found.problem.startswith("alice/work.IPYNB: found a symbolic link")


def left_over(path: Path) -> list[str]:
    return [one.source for one in take_in([path], Request(tuple(map(Wanted, ASSIGNMENTS)), roster())).left_over]


def test_folders_of_assignments_say_which_it_is(tmp_path: Path) -> None:
    write(tmp_path / "04_distillation" / "alice.ipynb")
    write(tmp_path / "03_separable" / "bob" / "x.ipynb")
    assert set(graded(find(tmp_path))) == {("alice", "04_distillation"), ("bob", "03_separable")}


def test_an_empty_folder_of_an_assignment_is_nobody_s_hand_in(tmp_path: Path) -> None:
    write(tmp_path / "alice" / "03_separable.ipynb")
    (tmp_path / "04_distillation").mkdir()
    assert left_over(tmp_path) == []


def test_a_student_of_a_tree_may_be_called_as_an_assignment(tmp_path: Path) -> None:
    write(tmp_path / "submitted/04_distillation/03_separable/x.ipynb")
    (found,) = find(tmp_path / "submitted")
    assert (found.matched, found.assignment) == (False, "03_separable")
    assert "'04_distillation' is nobody's" in found.flags[0]


def test_a_file_that_is_named_as_its_zip_is_no_folder_around_the_class(tmp_path: Path) -> None:
    assert left_over(write(tmp_path / "class.zip", zipped({"class": b"x"}))) == ["class"]


def test_the_name_of_a_classroom_s_folder_is_taken_off_its_repositories(tmp_path: Path) -> None:
    write(tmp_path / "hw1-submissions" / "hw1-someone" / "03_separable.ipynb")
    (found,) = find(tmp_path / "hw1-submissions")
    assert "the GitHub login 'someone' is nobody's in the roster" in found.flags[0]


def test_files_beside_the_folders_of_a_tree_count_for_what_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "submitted/alice/03_separable.ipynb")
    assert graded(find(tmp_path / "submitted", "03_separable")) == {
        ("alice", "03_separable"): "alice/03_separable.ipynb"
    }


def test_what_programs_left_in_a_folder_of_nbgrader_s_tree_is_its_student_s(tmp_path: Path) -> None:
    write(tmp_path / "submitted/alice/03_separable/__pycache__/x.pyc")
    (found,) = find(tmp_path / "submitted" / "alice")
    assert (found.subject, found.assignment) == ("alice", "03_separable")
    assert "found only what programs leave (__pycache__)" in found.problem


def test_a_file_that_is_named_as_an_assignment_is_a_file(tmp_path: Path) -> None:
    write(tmp_path / "alice" / "03_separable.ipynb")
    write(tmp_path / "04_distillation", "notes")
    assert left_over(tmp_path) == ["04_distillation"]


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    write(tmp_path / "secret.txt", "secret")
    folder = tmp_path / "in" / "alice" / "03_separable"
    write(folder / "good.ipynb")
    (folder / "link.ipynb").symlink_to(tmp_path / "secret.txt")
    (folder / "loop").symlink_to(tmp_path / "in")
    os.mkfifo(folder / "pipe.ipynb")
    write(tmp_path / "in" / "bob.zip", b"PK\x03\x04 not a zip")
    found = find(tmp_path / "in")
    problems = {s.source: s.problem for s in found if s.problem}
    (alice,) = [s for s in found if s.subject == "alice"]
    assert any("symbolic link" in flag for flag in alice.flags)
    assert any("special file" in flag for flag in alice.flags)
    assert "cannot be opened" in problems["bob.zip"]
    assert graded(found) == {("alice", "03_separable"): "alice/03_separable/good.ipynb"}
    assert next(s for s in found if s.source == "bob.zip").subject == "bob"


def test_exactly_one_counts_for_each_subject_and_assignment(tmp_path: Path) -> None:
    folder = tmp_path / "alice" / "03_separable"
    for name in "abc":
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.ipynb").symlink_to("/nothing")
    (found,) = find(tmp_path)
    assert "symbolic link" in found.problem


HOSTILE_NAMES = [
    "../../x.ipynb",
    "/etc/x.ipynb",
    "C:/x.ipynb",
    "a/../../x.ipynb",
    "..\\..\\x.ipynb",
    "a" * 300 + ".ipynb",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_in_a_zip(tmp_path: Path, name: str) -> None:
    found = find(write(tmp_path / "z.zip", zipped({name: book(), "alice_03_separable.ipynb": book("2")})))
    assert graded(found) == {("alice", "03_separable"): "z.zip/alice_03_separable.ipynb"}
    assert len(found) == 2
    assert list(tmp_path.rglob("*")) == [tmp_path / "z.zip"]


@pytest.mark.parametrize(
    "name", ["alice\u202egpj_03_separable.ipynb", "al\u200bice_03_separable.ipynb", "аlice_03_separable.ipynb"]
)
def test_names_that_look_alike_do_not_match(tmp_path: Path, name: str) -> None:
    (found,) = find(write(tmp_path / "z.zip", zipped({name: book()})))
    assert not found.matched
    assert found.problem == ""
    assert not any(char in found.source for char in "\u202e\u200b")


def test_mac_zips_without_the_utf8_flag(tmp_path: Path) -> None:
    data = zipped({"münch_03_separable.ipynb": book()})
    plain = data.replace("ü".encode(), "ü".encode())
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = plain.index(marker) + offset
        flags = int.from_bytes(plain[at : at + 2], "little") & ~0x800
        plain = plain[:at] + flags.to_bytes(2, "little") + plain[at + 2 :]
    assert find(write(tmp_path / "z.zip", plain))[0].subject == "m1"


def test_links_in_a_zip(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("alice.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (found,) = find(write(tmp_path / "z.zip", stream.getvalue()))
    assert "link" in found.problem


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_repeated_members(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("alice_03_separable.ipynb", "alice_03_separable.ipynb", "ALICE_03_separable.ipynb"):
            archive.writestr(name, book(name))
    found = find(write(tmp_path / "z.zip", stream.getvalue()))
    [alice] = found
    assert alice.problem.endswith("found 3 files of this name in the zip, expected one; zip it again")
    assert set(alice.beside) | {alice.problem.partition(": ")[0]} == {
        "z.zip/alice_03_separable.ipynb", "z.zip/ALICE_03_separable.ipynb"
    }  # fmt: skip
    assert graded(found) == {}  # nor is the one that differs by case: which of them is meant cannot be told


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"alice_03_separable.ipynb": book()}))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(marker) + offset] |= 1
    (found,) = find(write(tmp_path / "z.zip", bytes(data)))
    assert "password" in found.problem


def test_zip_bombs(tmp_path: Path) -> None:
    bomb = zipped({"alice_03_separable.ipynb": b" " * (40 << 20), "bob_03_separable.ipynb": book()})
    found = find(write(tmp_path / "z.zip", bomb))
    assert "zip bombs" in found[0].problem
    assert graded(found) == {("bob", "03_separable"): "z.zip/bob_03_separable.ipynb"}


def test_one_student_s_archives_take_room_from_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES_EACH", 20)
    monkeypatch.setattr(listing, "MAX_ARCHIVES_EACH", 3)
    many = zipped({f"{n}.txt": b"x" for n in range(50)} | {"03_separable.ipynb": book("alice")})
    write(tmp_path / "alice.zip", many)
    write(tmp_path / "bob.zip", zipped({f"{n}.zip": zipped({"a.txt": b"x"}) for n in range(9)}))
    write(tmp_path / "m\u00fcnch.zip", zipped({"03_separable.ipynb": book("m")}))
    found = {s.subject: s for s in find(tmp_path)}
    assert (found["alice"].problem, found["m1"].problem) == ("", "")
    assert any("found 51 files, expected at most 20" in flag for flag in found["alice"].flags)
    assert "more than 3 archives" in found["bob"].problem


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(zipped({"alice_03_separable.ipynb": book("y" * 500)}))
    for marker, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(marker) + offset
        data[at : at + 4] = (50).to_bytes(4, "little")
    (found,) = find(write(tmp_path / "z.zip", bytes(data)))
    assert "zip" in found.problem


def test_zips_in_zips_in_zips(tmp_path: Path) -> None:
    data = book()
    for level in range(5):
        data = zipped({f"level{level}.zip" if level else "alice_03_separable.ipynb": data})
    (found,) = find(write(tmp_path / "z.zip", data))
    assert "nested" in found.problem


def test_a_damaged_member(tmp_path: Path) -> None:
    data = bytearray(zipped({"alice_03_separable.ipynb": os.urandom(2000), "bob_03_separable.ipynb": book()}))
    data[100] ^= 0xFF
    found = find(write(tmp_path / "z.zip", bytes(data)))
    assert "damaged" in found[0].problem
    assert found[1].problem == ""


def test_too_large_and_empty_inputs(tmp_path: Path) -> None:
    with (tmp_path / "alice_03_separable.ipynb").open("wb") as file:
        file.truncate(33 << 20)
    assert "33 MiB" in find(tmp_path)[0].problem
    empty = tmp_path / "empty"
    empty.mkdir()
    (found,) = find(empty)
    assert "found no notebook" in found.problem


@pytest.mark.parametrize("name", ["missing", "nul\0", "x" * 5000])
def test_what_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match="expected a notebook, a folder or a zip"):
        find(tmp_path / name)


def test_a_file_that_changes_while_it_is_graded(tmp_path: Path) -> None:
    path = write(tmp_path / "alice_03_separable.ipynb")
    (found,) = find(path)
    path.write_bytes(book("other"))
    with pytest.raises(SubmissionError, match="changed"):
        _ = found.notebook


def test_the_notebooks_of_a_class_are_not_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        write(tmp_path / f"s{number:02d}" / "03_separable.ipynb", book("x" * 1_000_000 + str(number)))
    held: list[int] = []
    made = finding._submission

    def counted(*arguments: Any) -> Submission:
        held.append(tracemalloc.get_traced_memory()[0])
        return made(*arguments)

    monkeypatch.setattr(finding, "_submission", counted)
    tracemalloc.start()
    try:
        found = find_submissions(tmp_path, assignments=ASSIGNMENTS, roster=roster())
    finally:
        tracemalloc.stop()
    assert len({one.sha256 for one in found}) == len(held) == 40
    assert max(held) < 5_000_000, "one notebook is read after the other, of 40 million bytes in all"
