from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.inside.shell.cells import Shell

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Shell(1 << 20)
    yield made
    made.close()


@pytest.fixture
def run(shell: Shell) -> Run:
    def run_cell(source: str, index: int = 0, seconds: float = 10.0) -> dict[str, Any]:
        return shell.run_cell(source, index, seconds)

    return run_cell
