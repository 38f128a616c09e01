"""An assignment on its way to another machine: what is in it, and what never is."""

import io
import tarfile
from pathlib import Path

import pytest

from autograder.course import fingerprint
from autograder.course.course import load_course
from autograder.course.packing import packed_assignment, unpacked_assignment

COURSE = """\
title: A course
assignments:
  - name: one
    title: One
    public_files: [data]
    questions: [{id: alpha, title: Alpha, points: 1}]
  - name: two
    title: Two
    questions: [{id: alpha, title: Alpha, points: 1}]
"""


def names_in(packed: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return set(archive.getnames())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with two assignments, a package of its own, data beside the notebook, and what must stay at home."""
    root = tmp_path / "course"
    for name in ("one", "two"):
        (root / "solutions" / name / "bank").mkdir(parents=True)
        (root / "assignments" / name).mkdir(parents=True)
        (root / "solutions" / name / "hidden_tests.py").write_text("from helpers.numbers import seven\n")
        (root / "solutions" / name / "bank" / "wrong_one.py").write_text("this is no Python (\n")
    (root / "helpers").mkdir()
    (root / "helpers/__init__.py").write_text("")
    (root / "helpers/numbers.py").write_text("import other_helper\nseven = 7\n")
    (root / "other_helper.py").write_text("")
    (root / "unused_helper.py").write_text("")
    (root / "data").mkdir()
    (root / "data/sales.csv").write_text("price\n1\n")
    (root / "roster.csv").write_text("id\ns1\n")
    (root / ".course_secret").write_text("0123456789abcdef")
    (root / "results").mkdir()
    (root / "results/grades.csv").write_text("s1,0\n")
    (root / "course.yaml").write_text(COURSE)
    return root


def test_what_grading_reads_is_packed_and_nothing_else(course: Path) -> None:
    packed = packed_assignment(course / "course.yaml", load_course(course).assignment("one"))
    assert names_in(packed) == {
        "course.yaml", "data/sales.csv", "helpers/__init__.py", "helpers/numbers.py", "other_helper.py",
        "solutions/one/bank/wrong_one.py", "solutions/one/hidden_tests.py",
    }  # fmt: skip


def test_equal_files_give_equal_bytes(course: Path) -> None:
    one = load_course(course).assignment("one")
    first = packed_assignment(course / "course.yaml", one)
    (course / "solutions/one/hidden_tests.py").touch()
    assert packed_assignment(course / "course.yaml", one) == first
    (course / "solutions/one/hidden_tests.py").write_text("seven = 8\n")
    assert packed_assignment(course / "course.yaml", one) != first


def test_it_is_the_same_assignment_at_the_other_end(course: Path, tmp_path: Path) -> None:
    one = load_course(course).assignment("one")
    packed = packed_assignment(course / "course.yaml", one)
    place = unpacked_assignment(packed, tmp_path / "cache")
    assert unpacked_assignment(packed, tmp_path / "cache") == place
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [place.name]
    there = load_course(place, check_files=False).assignment("one")
    assert fingerprint.tests_sha256(there) == fingerprint.tests_sha256(one)
    assert place.stat().st_mode & 0o077 == 0


def test_a_folder_that_others_can_read_is_not_used(course: Path, tmp_path: Path) -> None:
    packed = packed_assignment(course / "course.yaml", load_course(course).assignment("one"))
    (tmp_path / "cache").mkdir(mode=0o755)
    (tmp_path / "cache").chmod(0o755)
    with pytest.raises(PermissionError, match="others can read or write it"):
        unpacked_assignment(packed, tmp_path / "cache")
