"""The shell that runs a notebook's cells inside the student process.

Theory of operation
-------------------
One `Shell` is made in the zygote, before any student code; each student process is a fork of it.
`run_cell` runs one cell to its end and always returns: whatever the cell raises, including
SystemExit and its own soft time limit, becomes a status. What cannot be turned into a status
(`os._exit`, a segmentation fault, an endless loop in C) ends the process or is ended from outside,
where the hard limit is kept.

The cell shares this process and can patch anything in it. So nothing here is a defence: a forged
status or output only changes what the student is shown of their own notebook, and the trusted side
checks the reply's form. What this file does see to is that *ordinary* damage stays in its cell:
streams, time limit and tracing are set up anew for every cell, and IPython's own run loop, which
notebooks like to patch, is not used.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from types import FrameType, TracebackType
from typing import Any

from . import figures, magics, torch_here
from .bindings import Bindings
from .execution import NOTHING, CellTimeout, Executor, describe, error_output, register_source
from .host import CellHost, new_host
from .late_imports import LateImports
from .left_behind import Snapshot
from .library_settings import LIBRARIES
from .library_state import LibraryState
from .outputs import Capture
from .stand_ins import INSTEAD, StandIns
from .streams import CaptureStream, DescriptorOutput, NoInput
from .tmpfs import Files

REPEAT_SECONDS = 1.0  # the limit strikes again if a cell swallows it


class SoftLimit:
    """Raises CellTimeout in the main thread after `seconds`, and again each second until the block ends.

    Python delivers signals between byte codes: a long call into C is interrupted only when it returns.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._usable = seconds > 0 and threading.current_thread() is threading.main_thread()
        self._armed = False
        self._before: Any = None

    def __enter__(self) -> SoftLimit:
        if self._usable:
            self._armed = True
            self._before = signal.signal(signal.SIGALRM, self._strike)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
            signal.setitimer(signal.ITIMER_REAL, self._seconds, REPEAT_SECONDS)
        return self

    def _strike(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise CellTimeout(f"the cell did not end within {self._seconds:g} s")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._armed = False
        if self._usable:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)


MOST_REPLACED = 20  # of Python's own functions that are told


class _Exit:
    """exit and quit: end the cell, not the process."""

    def __call__(self, code: object = None) -> None:
        raise SystemExit(code)

    def __repr__(self) -> str:
        return "exit() ends the cell"


class Shell:
    """Runs cells; see the module's text.

    `output_bytes` bounds the outputs of the whole notebook (text and base64). `fd_output` names the
    file, opened with O_APPEND as descriptors 1 and 2, in which output that bypasses Python arrives.
    """

    def __init__(self, output_bytes: int, fd_output: str | None = None) -> None:
        self._main_module = sys.modules.get("__main__")
        self._capture = Capture(output_bytes)
        self._host: CellHost = new_host(self._capture)
        self._executor = Executor(self._host.user_ns, self._host.input_transformer_manager.transform_cell)
        self._streams = (
            NoInput(),
            CaptureStream(self._capture.write, "stdout", 1),
            CaptureStream(self._capture.write, "stderr", 2),
        )
        self._descriptors = DescriptorOutput(fd_output) if fd_output else None
        self._stand_ins = StandIns(INSTEAD), StandIns()
        sys.meta_path[:] = [self._stand_ins[0], *sys.meta_path, self._stand_ins[1]]
        self._environment = dict(os.environ)
        sys.path.append("")  # `%%writefile helper.py` and `import helper`; last, so that it shadows nothing
        magics.register(self._host, self._executor)
        figures.choose_backend()
        self._host.set_formatter("image/png", "matplotlib.figure", "Figure", figures.figure_formatter(self._host))
        torch_here.adapt()
        self._prepare_namespace()
        self._library = LibraryState()
        self._late = LateImports(LIBRARIES, self._imported)
        sys.meta_path.insert(0, self._late)
        self._process = 0
        self.folders: tuple[str, ...] = ()  # where a student may leave files; by default the working directory
        self._files: Files | None = None
        self._snapshot: Snapshot | None = None

    def _prepare_namespace(self) -> None:
        leave = _Exit()
        given = {"exit": leave, "quit": leave, "In": [], "Out": {}, "_dh": [Path.cwd()], "_": "", "__": ""}
        self._host.user_ns.update(given)
        self._host.user_ns_hidden.update(given)
        builtins.__dict__.setdefault("get_ipython", self._host.get_ipython)
        self._given_names = frozenset(self._host.user_ns)
        self._bindings = Bindings(self.namespace)
        self._replaced: dict[str, int] = {}  # name of Python's own -> the cell that put something else in its place

    def _imported(self, library: str) -> None:
        """Treat a library that a cell or a call imports like those that were there before."""
        if library == "torch":
            torch_here.adapt()
        self._library.add(library)

    @property
    def namespace(self) -> dict[str, Any]:
        """Return the notebook's globals: the `__dict__` of its `__main__`."""
        namespace: dict[str, Any] = self._host.user_ns
        return namespace

    def run_cell(
        self, source: str, index: int, soft_seconds: float, role: str = "own", names: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Run one cell. Never raises.

        Returns {"status": "ok" | "error" | "timeout", "error": {"type", "message", "lines", "where"} | None,
        "outputs": nbformat v4 outputs, "seconds": float}. `index` is the cell's position in the notebook,
        from 0; `soft_seconds` of 0 or less means no soft limit. `role` says whose code it is, `names` what of it is
        an answer: see `bindings`.
        """
        begun = perf_counter()
        status, error = "ok", None
        self._capture.begin()
        if self._process != os.getpid():  # the first cell of a student process
            self._process = os.getpid()
            self._library.take()
        self._bindings.begin()
        self._executor.begin()
        settings = self._library.read() if role == "released" else None
        before = (sys.stdin, sys.stdout, sys.stderr, sys.displayhook)
        try:
            with SoftLimit(soft_seconds):
                status, error = self._guarded(source, index)
        except BaseException as caught:  # noqa: BLE001 - the limit can strike in our own lines, too
            status = "timeout" if isinstance(caught, CellTimeout) else "error"
            error = _described(caught)
        if status == "timeout":
            with suppress(Exception):  # matplotlib may be patched or broken by the interruption
                figures.close_all()
        sys.settrace(None)
        sys.setprofile(None)
        if self._descriptors is not None:
            self._capture.write("stdout", self._descriptors.take(self._capture.remaining // 4))
        outputs = self._capture.end(error_output(error) if error is not None else None)
        sys.stdin, sys.stdout, sys.stderr, sys.displayhook = before
        if settings is not None and status == "ok":
            self._library.accept(settings)
        with suppress(Exception):  # a namespace with odd keys: nothing is put back then
            self._bindings.end(index, role, names, self._executor.statements, self._executor.code)
            for name in self._executor.replaced:
                self._replaced.setdefault(name, index)
        return {"status": status, "error": error, "outputs": outputs, "seconds": perf_counter() - begun}

    def settle(self) -> list[list[Any]]:
        """Make the notebook ready to be tested, after its last cell: the libraries' settings are the default ones
        again, and bindings that stand are put back. Returns what is told of them (`Bindings.settle`), and which of
        Python's own functions cells replaced."""
        self._library.restore()
        told = self._bindings.settle()
        told[:0] = [["builtin", name, -1, index, False] for name, index in list(self._replaced.items())[:MOST_REPLACED]]
        self._files = Files(self.folders or (os.getcwd(),))
        self._snapshot = Snapshot(self.namespace, self._given_names)
        return told

    def before_test(self) -> None:
        """Let the fork that comes next find the files as the cells left them."""
        if self._files is not None:
            self._files.restore()

    def unchanged(self) -> bool:
        """Return whether everything is still as `settle` left it; False, too, where that cannot be said."""
        if self._snapshot is None or self._files is None:
            return False
        return self._snapshot.unchanged() and self._library.is_default() and self._files.unchanged()

    def _guarded(self, source: str, index: int) -> tuple[str, dict[str, Any] | None]:
        """Run the cell and show its figures; student code runs only in here, under the limit."""
        sys.stdin, sys.stdout, sys.stderr = self._streams
        sys.displayhook = self._host.displayhook
        register_source(index, source)
        status, error = "ok", None
        try:
            self._host.execution_count += 1
            value = self._executor.run(source, index)
            if value is not NOTHING and value is not None:
                self._host.show_result(value)
        except SystemExit as leaving:
            status, error = self._left(leaving)
        except CellTimeout:
            raise
        except BaseException as caught:  # noqa: BLE001 - whatever a cell raises is that cell's result
            status, error = "error", describe(caught)
        try:
            figures.flush(self._host)
        except Exception as caught:  # noqa: BLE001 - a figure that cannot be drawn is not the cell's failure
            self._capture.write("stderr", f"[a figure could not be drawn: {type(caught).__name__}]\n")
        return status, error

    def _left(self, leaving: SystemExit) -> tuple[str, dict[str, Any] | None]:
        if leaving.code is None or leaving.code == 0:
            self._capture.write("stderr", "[exit() ended this cell; the cells after it are run all the same]\n")
            return "ok", None
        return "error", describe(leaving)

    def close(self) -> None:
        """Undo what the constructor changed in this process. For tests; a student process simply ends."""
        with suppress(ValueError):
            sys.meta_path.remove(self._late)
            for finder in self._stand_ins:
                sys.meta_path.remove(finder)
            sys.path.remove("")
        for name, module in list(sys.modules.items()):
            if getattr(module, "__loader__", None) in self._stand_ins:
                del sys.modules[name]
        os.environ.clear()
        os.environ.update(self._environment)
        if self._main_module is not None:
            sys.modules["__main__"] = self._main_module
        self._host.builtin_trap.deactivate()
        builtins.__dict__.pop("get_ipython", None)
        CellHost.clear_instance()


def _described(caught: BaseException) -> dict[str, Any]:
    """Return `describe`, for where no limit protects any more: runs no student code."""
    if isinstance(caught, CellTimeout):
        return describe(caught)
    return {"type": type(caught).__name__, "message": "", "lines": [], "where": "student"}
