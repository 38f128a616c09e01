"""The kernel in which our own notebooks run: as plain as a student's, and without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.release.kernel import KernelError, NotebookRun, run_notebook


def notebook(*sources: str) -> NotebookNode:
    return new_notebook(cells=[new_markdown_cell("text"), *map(new_code_cell, sources)])


def kernels() -> set[int]:
    """Process ids of the kernels that this process started."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines()[1:]]
    return {int(pid) for pid, parent, args in rows if int(parent) == os.getpid() and "kernel/launch.py" in args}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> NotebookRun:
    """One kernel, in which each cell asks one thing."""
    os.environ["CIFAR10_DATA"] = "a folder of this machine"
    try:
        return _ran(tmp_path_factory)
    finally:
        del os.environ["CIFAR10_DATA"]


def _ran(tmp_path_factory: pytest.TempPathFactory) -> NotebookRun:
    folder = tmp_path_factory.mktemp("beside")
    (folder / "neighbour.py").write_text("ANSWER = 42\n")
    course = tmp_path_factory.mktemp("course")
    for name in ("in_the_course", "neighbour"):
        (course / f"{name}.py").write_text("ANSWER = 0\n")
    return run_notebook(
        notebook(
            "import os\nos.environ['FAST'], os.environ.get('CIFAR10_DATA'), os.path.basename(os.getcwd())[:6]",
            "import neighbour\nneighbour.ANSWER",
            "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2)",
            "socket.getaddrinfo('example.org', 80)",
            f"__import__('sys').path.append({str(course)!r}); import in_the_course",
            "import autograder.course.course",
            "sorted(name for name in globals() if not name.startswith('_') and name not in ('In', 'Out'))",
            "1 / 0",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        ),
        folder,
        environment={"FAST": "1", "CIFAR10_DATA": None},
        without=course,
    )


def value(run: NotebookRun, index: int) -> str:
    return str(run.notebook.cells[index].outputs[0]["data"]["text/plain"])


def test_the_cell_runs_beside_its_files_with_the_variables_asked_for(ran: NotebookRun) -> None:
    assert value(ran, 1) == "('1', None, 'beside')"
    assert value(ran, 2) == "42"


def test_there_is_no_network(ran: NotebookRun) -> None:
    assert ran.cells[2].exception in ("OSError", "TimeoutError")
    assert ran.cells[3].exception == "gaierror"


def test_the_course_s_own_packages_are_not_there(ran: NotebookRun) -> None:
    assert [(cell.exception, cell.message) for cell in ran.cells[4:6]] == [
        ("ModuleNotFoundError", "No module named 'in_the_course'"),
        ("ModuleNotFoundError", "No module named 'autograder'"),
    ]


def test_the_namespace_is_a_fresh_kernel_s(ran: NotebookRun) -> None:
    assert value(ran, 7) == "['exit', 'get_ipython', 'neighbour', 'open', 'os', 'quit', 'socket']"


def test_errors_are_told_and_do_not_stop_the_next_cell(ran: NotebookRun) -> None:
    failed = ran.cells[7]
    assert (failed.index, failed.exception, failed.message) == (8, "ZeroDivisionError", "division by zero")
    assert ran.cells[8].ok
    assert "image/png" in ran.notebook.cells[9].outputs[-1]["data"]


def test_torchvision_can_be_imported(tmp_path: Path) -> None:
    done = run_notebook(notebook("from torchvision.datasets import CIFAR10\nCIFAR10.base_folder"), tmp_path)
    assert value(done, 1) == "'cifar-10-batches-py'"


def test_stopping_at_an_error_leaves_the_rest_alone(tmp_path: Path) -> None:
    given = notebook("1", "raise KeyError(3)", "open('touched', 'w')")
    seen: list[tuple[int, int]] = []
    done = run_notebook(given, tmp_path, stop_at_error=True, progress=lambda *now: seen.append(now))
    assert [cell.exception for cell in done.cells] == ["", "KeyError"]
    assert not (tmp_path / "touched").exists()
    assert seen[:2] == [(0, 3), (1, 3)]
    assert given.cells[1].outputs == []
    assert kernels() == set()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import time; time.sleep(60)", r"cell 2 \(\w+\) ran longer than 1 s"),
        ("import os; os._exit(3)", "ended the kernel"),
    ],
)
def test_a_cell_that_hangs_or_ends_the_kernel_is_named(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(KernelError, match=said):
        run_notebook(notebook(source), tmp_path, seconds=1)
    assert kernels() == set()


def test_an_interrupt_ends_the_kernel(tmp_path: Path) -> None:
    def interrupt(done: int, cells: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_notebook(notebook("1", "2"), tmp_path, progress=interrupt)
    assert kernels() == set()


def test_where_the_system_keeps_the_network_python_s_sockets_refuse() -> None:
    code = """
import socket
from autograder.release.kernel.launch import leave_network
def refused(flags):
    raise OSError(1, "Operation not permitted")
print(leave_network(refused))
here, there = socket.socketpair()
for attempt in (lambda: socket.socket().connect(("192.0.2.1", 80)), lambda: socket.create_connection(("localhost", 1)),
                lambda: socket.getaddrinfo("localhost", 1)):
    try:
        attempt()
    except OSError as error:
        print(type(error).__name__, error.errno)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["False", "OSError 101", "gaierror -3", "gaierror -3"]
