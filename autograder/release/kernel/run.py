"""Runs a notebook in a plain Jupyter kernel of its own, cell by cell, and says what each cell did.

The kernel is what a student's Jupyter starts: no namespace is prepared, nothing is skipped, cells tagged `train` run
too. `launch` says what is done to the process. This is for the course's own notebooks: student code is graded in the
sandbox, never here.
"""

from __future__ import annotations

import copy
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode

LAUNCH = Path(__file__).with_name("launch.py")
_START_SECONDS = 120
_SOCKETS = "/tmp"  # whatever TMPDIR says: names of sockets are at most 107 characters


class KernelError(Exception):
    """The notebook could not be run to its end. The message says at which cell, and why.

    index: the cell's position in the notebook; None if no kernel could be started.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class CellRun:
    """Hold what one code cell did. index: its position in the notebook; exception: type's name, or empty."""

    index: int
    seconds: float
    exception: str = ""
    message: str = ""

    @property
    def ok(self) -> bool:
        return not self.exception


@dataclass(frozen=True)
class NotebookRun:
    """A notebook with the outputs of the run, and what each of its code cells did."""

    notebook: NotebookNode
    cells: tuple[CellRun, ...]

    @property
    def errors(self) -> tuple[CellRun, ...]:
        return tuple(cell for cell in self.cells if not cell.ok)

    @property
    def seconds(self) -> float:
        return sum(cell.seconds for cell in self.cells)


def run_notebook(
    notebook: NotebookNode,
    folder: Path,
    *,
    seconds: float = 300.0,
    stop_at_error: bool = False,
    environment: Mapping[str, str | None] | None = None,
    without: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, cells: None,
) -> NotebookRun:
    """Run all code cells in `folder`, where the files beside the notebook lie. The given notebook is not changed.

    seconds: for one cell. stop_at_error: leave the cells after one that raised alone, as *Run all* does.
    environment: variables over those of this process; None takes one away. without: the course's folder, from which
    nothing can be imported. progress: called with (cells done, cells in all).

    Raises KernelError if a cell takes too long or the kernel dies. Ctrl-C ends the kernel, too.
    """
    ran = copy.deepcopy(notebook)
    places = [index for index, cell in enumerate(ran.cells) if cell.cell_type == "code" and cell.source.strip()]
    for cell in ran.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    sockets = Path(tempfile.mkdtemp(prefix="kernel-", dir=_SOCKETS))
    manager = _Manager(without, connection_file=str(sockets / "k.json"), transport="ipc", ip=str(sockets / "k"))
    client = NotebookClient(
        ran, km=manager, timeout=int(seconds) or 1, startup_timeout=_START_SECONDS, allow_errors=True,
        shutdown_kernel="immediate", resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    client.reset_execution_trackers()
    found: list[CellRun] = []
    try:
        with client.setup_kernel(cleanup_kc=True, env=_environment(sockets, environment or {})):
            for done, index in enumerate(places):
                progress(done, len(places))
                found.append(_run_cell(client, ran.cells[index], index))
                if stop_at_error and not found[-1].ok:
                    break
            progress(len(places), len(places))
    except RuntimeError as error:
        raise KernelError(f"no kernel could be started: {error}") from error
    finally:
        if manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)
        shutil.rmtree(sockets, ignore_errors=True)
    return NotebookRun(ran, tuple(found))


def _run_cell(client: NotebookClient, cell: NotebookNode, index: int) -> CellRun:
    started = time.monotonic()
    try:
        client.execute_cell(cell, index)
    except CellTimeoutError as error:
        raise KernelError(f"{_title(cell, index)} ran longer than {client.timeout} s", index) from error
    except DeadKernelError as error:
        raise KernelError(f"{_title(cell, index)} ended the kernel", index) from error
    except CellExecutionError:  # the cell says so itself, in its outputs
        pass
    taken = time.monotonic() - started
    raised = next((output for output in cell.outputs if output.output_type == "error"), None)
    if raised is None:
        return CellRun(index, taken)
    return CellRun(index, taken, str(raised.ename), str(raised.evalue))


def _title(cell: NotebookNode, index: int) -> str:
    name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")
    return f"cell {index + 1}" + (f" ({name})" if name else "")


def _environment(home: Path, wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Return nothing of this user's Jupyter or IPython settings, one thread."""
    found = {key: value for key, value in os.environ.items() if key not in wanted}
    found |= {"IPYTHONDIR": str(home / "ipython"), "JUPYTER_CONFIG_DIR": str(home / "jupyter")}
    found |= {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "PYTHONDONTWRITEBYTECODE": "1"}
    found.pop("MPLBACKEND", None)
    return found | {key: value for key, value in wanted.items() if value is not None}


class _Manager(AsyncKernelManager):
    """Starts `launch` in this Python, whatever kernels are registered on this computer."""

    def __init__(self, without: Path | None, **traits: Any) -> None:
        super().__init__(**traits)
        self._without = [str(without)] if without is not None else []

    @property
    def kernel_spec(self) -> Any:
        argv = [sys.executable, "-P", str(LAUNCH), *self._without, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")
