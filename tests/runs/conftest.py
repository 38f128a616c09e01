"""The tiny course with a folder of submissions, and the command as people run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.release.files import write_release
from autograder.release.starter import build_release, read_master, solution_notebook

TINY = Path(__file__).parent.parent / "grading" / "tiny_course"


@pytest.fixture(scope="session")
def course_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course, released, with sixty students."""
    root = tmp_path_factory.mktemp("course") / "tiny_course"
    shutil.copytree(TINY, root)
    lines = ["id,email,aliases,group,section,extensions", *(f"s{n:02d},,,,," for n in range(60))]
    (root / "roster.csv").write_text("\n".join(lines) + "\n")
    write_release(build_release(load_course(root).assignment("tiny")))
    return root


@pytest.fixture(scope="session")
def solution(course_root: Path) -> bytes:
    return solution_notebook(read_master(load_course(course_root).assignment("tiny")))


def _with_add(notebook: bytes, body: str) -> bytes:
    document = json.loads(notebook)
    for cell in document["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "add":
            cell["source"] = f"def add(a, b):\n    {body}\n"
    return json.dumps(document).encode()


@pytest.fixture(scope="session")
def sixty(course_root: Path, solution: bytes) -> Path:
    """Sixty notebooks with six different fates."""
    bodies = ["return a + b", "return a - b", "return b", "raise ValueError(a)", "return None", "return (a + b) * 1.0"]
    folder = course_root.parent / "sixty"
    folder.mkdir()
    for n in range(60):
        body = f"{bodies[n % len(bodies)]}  # {n}"
        (folder / f"s{n:02d}.ipynb").write_bytes(_with_add(solution, body))
    return folder


@pytest.fixture
def few(sixty: Path, tmp_path: Path) -> Path:
    """Three of them."""
    folder = tmp_path / "few"
    folder.mkdir()
    for n in range(3):
        shutil.copy(sixty / f"s{n:02d}.ipynb", folder)
    return folder


@pytest.fixture
def lasting(sixty: Path, tmp_path: Path) -> Callable[[int, float], Path]:
    """`lasting(count, seconds)`: so many of them, each so long that something can happen in their middle."""

    def make(count: int, seconds: float) -> Path:
        folder = tmp_path / "lasting"
        folder.mkdir()
        wait = {"cell_type": "code", "id": "slow", "metadata": {}, "outputs": [], "execution_count": None}
        for n in range(count):
            document = json.loads((sixty / f"s{n:02d}.ipynb").read_text())
            document["cells"].append(wait | {"source": f"import time\ntime.sleep({seconds})\n"})
            (folder / f"s{n:02d}.ipynb").write_text(json.dumps(document))
        return folder

    return make


@pytest.fixture
def command(course_root: Path) -> Callable[..., list[str]]:
    """The argument list of `autograder grade` for the tiny course."""

    def build(*arguments: str | Path) -> list[str]:
        start = "import sys; from autograder.cli import main; main(sys.argv[1:])"
        return [sys.executable, "-c", start, "grade", "--course", str(course_root), *map(str, arguments)]

    return build


@pytest.fixture
def grade(command: Callable[..., list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str | Path, gradebook: bool = False) -> subprocess.CompletedProcess[str]:
        extra: Sequence[str] = () if gradebook else ("--no-gradebook",)
        environment = os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "120"}
        return subprocess.run(command(*arguments, *extra), capture_output=True, text=True, env=environment, check=False)

    return run
