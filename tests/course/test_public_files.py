"""Files and folders that lie beside the notebook: in course.yaml, and where the solution runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from autograder.course.course import CourseError, load_course
from autograder.course.public_files import lying_beside, working_beside

COURSE = """\
title: T
assignments:
  - name: a
    title: A
    public_files: [%s]
    questions:
      - {id: q, title: Q, points: 1}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("data/sales.csv", "data/deep/more.csv", "data/__pycache__/x.pyc", "shared/module.py", "solutions/a/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "data/link.csv").symlink_to("/etc/passwd")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_folders_keep_their_shape_and_files_their_names(root: Path) -> None:
    (root / "course.yaml").write_text(COURSE % "data, shared/module.py")
    beside = load_course(root).assignment("a").beside
    assert sorted(beside) == ["data/deep/more.csv", "data/sales.csv", "module.py"]


@pytest.mark.parametrize("name", ["solutions", "empty", "nowhere", "."])
def test_what_is_no_data_is_refused(root: Path, name: str) -> None:
    (root / "course.yaml").write_text(COURSE % name)
    with pytest.raises(CourseError, match="public_files"):
        load_course(root)


def test_the_solution_finds_them_where_a_notebook_does(root: Path) -> None:
    before = Path.cwd()
    with working_beside([root / "data", root / "shared/module.py"]) as folder:
        assert Path("data/sales.csv").read_text() == "data/sales.csv"
        assert Path("module.py").is_file()
    assert Path.cwd() == before
    assert not folder.exists()


@pytest.mark.parametrize("given", [True, False])
def test_the_folder_goes_whatever_happens_in_it(root: Path, given: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    before, places = Path.cwd(), root / "places"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    folder = tempfile.mkdtemp() if given else ""

    def fail() -> None:
        assert list(map(str, places.iterdir())) == [folder or str(Path.cwd())] == [str(Path.cwd())]
        Path("left.txt").write_text("by the solution")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), working_beside([root / "data"], folder):
        fail()
    with pytest.raises(FileExistsError), working_beside([root / "data", root / "shared/../data"]):
        pass
    assert Path.cwd() == before
    assert list(places.iterdir()) == []
    assert (root / "data/sales.csv").exists()


def test_links_lead_nowhere(root: Path) -> None:
    assert "data/link.csv" not in lying_beside([root / "data"])
