"""What an import writes is an assignment like any other: it is released, checked and validated without complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from tests.exchange.legacy import test_nbgrader_import as nbgrader_example
from tests.exchange.legacy import test_otter_import as otter_example
from tests.exchange.legacy.conftest import answer, checked, code, written

OLD = (
    code("from math import no_longer_there", grade_id="setup", locked=True),
    answer("Root", "def root(x):\n    ### BEGIN SOLUTION\n    return x ** 0.5\n    ### END SOLUTION"),
    checked("root_is", 1, "sqrt = None\nassert root(9) == 3\n### BEGIN HIDDEN TESTS\nassert root(49) == 7\n"
                          "### END HIDDEN TESTS"),
)  # fmt: skip


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--course", str(root / "course.yaml")])


@pytest.mark.long
@pytest.mark.parametrize(
    ("system", "cells"),
    [("nbgrader", nbgrader_example.SOURCE), ("otter", otter_example.MASTER), ("nbgrader", OLD)],
    ids=["nbgrader", "otter", "old"],
)
def test_release_check_and_validate_have_nothing_to_say(system: str, cells: tuple, tmp_path: Path) -> None:
    root = tmp_path / "course"
    source = written(tmp_path / "theirs", *cells)
    brought = CliRunner().invoke(
        main, ["import", system, str(source), "--into", str(root), "--backend", "namespace", "--name", "hw"]
    )
    assert brought.exit_code == 0, brought.output
    for step in (("release", "hw"), ("release", "--check", "hw")):
        done = run(root, *step)
        assert done.exit_code == 0, done.output
    done = run(root, "validate", "hw", "--no-mutants", "--backend", "namespace", "--jobs", "1",
               "--output", str(tmp_path / "validation"))  # fmt: skip
    assert done.exit_code == 0, done.output
