"""`autograder release --solutions`: masters run from top to bottom, with their outputs, for TAs."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.commands import release_extras
from autograder.course.course import Assignment

Small = Callable[..., Assignment]


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["release", "--solutions", "--course", str(root), *arguments])


def test_the_solution_is_written_with_its_outputs(small: Small, master_text: str) -> None:
    text = master_text.replace('print("a long time")', "import os, given_code\nprint('fast', os.environ['SMALL_FAST'])")
    assignment = small(text)
    result = run(assignment.root)
    assert result.exit_code == 0, result.output
    path = assignment.root / "build/solutions/01_small_solution.ipynb"
    assert path.is_file()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    cells = json.loads(path.read_text())["cells"]
    assert "fast 1\n" in json.dumps(cells, indent=0).encode().decode("unicode_escape")
    everything = "".join("".join(cell["source"]) for cell in cells)
    assert "twice_the_number = x + x" in everything
    assert "evidence (2): quotes the number" in everything, "TAs grade by the mark scheme"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "assert double(2) == 4",
            "assert double(2) == 5",
            ":20: cell 5 (check_double) raised AssertionError: twice two",
        ),
        (
            "import math",
            "import course_only",
            ":4: cell 2 raised ModuleNotFoundError: No module named 'course_onl",
        ),
        ('print("a long time")', "import os; os._exit(1)", ":58: cell 12 (check_quiz-plus-1) ended the kernel"),
    ],
)
def test_what_raises_is_named_with_its_line(small: Small, master_text: str, before: str, after: str, said: str) -> None:
    assignment = small(master_text.replace(before, after))
    result = run(assignment.root)
    assert result.exit_code == 1
    assert "solutions/01_small/solution.py:" in result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert not (assignment.root / "build/solutions").exists()


def test_an_interrupt_leaves_what_was_finished(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(master: object, progress: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(release_extras, "executed_solution", interrupted)
    result = run(small().root, "--json")
    assert result.exit_code == 130
    assert json.loads(result.stdout) == []
    assert "Interrupted at 01_small" in result.stderr
