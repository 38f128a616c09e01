"""A released copy of the tiny course, to be validated."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course
from autograder.release.files import write_release
from autograder.release.starter import build_release

TINY = Path(__file__).parents[1] / "grading" / "tiny_course"


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course") / "tiny_course"
    shutil.copytree(TINY, root)
    write_release(build_release(load_course(root).assignment("tiny")))
    return root


@pytest.fixture(scope="session")
def tiny(tiny_root: Path) -> Assignment:
    return load_course(tiny_root).assignment("tiny")


@pytest.fixture
def copy_course(tiny_root: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the released tiny course, to be changed."""

    def copy() -> Path:
        return Path(shutil.copytree(tiny_root, tmp_path / "changed_course"))

    return copy
