"""The IPython shell that a notebook's cells see as `get_ipython()`.

It offers magics, rich display and shell lines, but reads no configuration, opens no history
database, writes no file, starts no thread and registers nothing to run at exit, so that it can be
made once in the zygote and forked. It does not run the cells: `cells.Shell` does, so that a student
who patches this object harms only what they patched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList

from .commands import run_command
from .outputs import Capture

SKIPPED_MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")


class CaptureHook(DisplayHook):
    """sys.displayhook: shows a value the way the cell's last expression is shown."""

    shell: Any

    def __call__(self, result: Any = None) -> None:
        if result is not None:
            self.shell.show_result(result)


class CapturePublisher(DisplayPublisher):
    """Stand where display() and clear_output() end up."""

    shell: Any

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **extra: Any) -> None:
        transient = extra.get("transient") or {}
        capture: Capture = self.shell.capture
        if extra.get("update"):
            capture.update(data, str(transient.get("display_id")))
        else:
            capture.display(data, display_id=transient.get("display_id"))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.capture.clear(wait)


class CellHost(InteractiveShell):
    """See the module's text. `capture` must be set before the first cell runs."""

    capture: Capture
    display_formatter: Any
    extension_manager: Any

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.db: Any = {}  # IPython's store of directories and aliases: a file otherwise
        super().__init__(display_pub_class=CapturePublisher, displayhook_class=CaptureHook, colors="nocolor")  # type: ignore[no-untyped-call]

    # What IPython would set up from files, for a terminal, or with threads.
    def init_ipython_dir(self, ipython_dir: Any) -> None: ...
    def init_profile_dir(self, profile_dir: Any) -> None: ...
    def init_virtualenv(self) -> None: ...
    def init_completer(self) -> None: ...
    def init_logstart(self) -> None: ...
    def atexit_operations(self) -> None: ...

    def init_history(self) -> None:
        self.history_manager = None

    def set_formatter(self, kind: str, module: str, name: str, render: Callable[[Any], Any]) -> None:
        """Show objects of class `name` of `module`, which need not be imported, as MIME type `kind` by `render`."""
        self.display_formatter.formatters[kind].for_type_by_name(module, name, render)

    def show_result(self, value: Any) -> None:
        """Show `value` as the result of the cell, and remember it as `_` and `Out[n]`."""
        data, _ = self.display_formatter.format(value)
        self.capture.display(data, result=self.execution_count)
        self.user_ns["__"], self.user_ns["_"] = self.user_ns.get("_"), value

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Stand in for what IPython's formatters call when a `__repr__` raises."""
        found = args[0] if args and isinstance(args[0], tuple) else sys.exc_info()
        self._note(f"showing this value raised {getattr(found[0], '__name__', 'an error')}: {found[1]}")

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        self.showtraceback()

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        if magic_name in SKIPPED_MAGICS:
            self.system(f"{magic_name} {line}")
            return None
        if self._find_with_lazy_load("line", magic_name) is None:
            self._note(f"the magic %{magic_name} is not known here and was left out")
            return None
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except (UsageError, NotImplementedError) as error:
            self._note(f"%{magic_name} was left out: {error}")
            return None

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        if self._find_with_lazy_load("cell", magic_name) is None:
            self._note(f"the cell magic %%{magic_name} is not known here: this cell was left out")
            return None
        try:
            return super().run_cell_magic(magic_name, line, cell)  # type: ignore[no-untyped-call]
        except (UsageError, NotImplementedError) as error:
            self._note(f"%%{magic_name} was left out: {error}")
            return None

    def system(self, cmd: str) -> None:
        """Run `!command` and print its output; a failing command is not an error."""
        self.run_script(self._expand(cmd, 1))

    def _expand(self, command: str, depth: int) -> str:
        """Replace `$name` and `{expression}` of a shell line, as IPython does; `depth` frames above our caller."""
        return str(self.var_expand(command, depth=depth + 1))  # type: ignore[no-untyped-call]

    def run_script(self, script: str) -> None:
        """Run `script` as it is, without IPython's variable expansion; print its output."""
        output, status = run_command(script)
        self.user_ns["_exit_code"] = status
        sys.stdout.write(output)  # not the capture itself: %%capture takes shell output too

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Run `lines = !command`."""
        output, status = run_command(self._expand(cmd, depth + 1))
        self.user_ns["_exit_code"] = status
        return SList(output.splitlines()) if split else output

    def ask_exit(self) -> None:
        """Ignore `exit` without parentheses: the cells after it are graded too."""

    def _note(self, text: str) -> None:
        self.capture.write("stderr", f"[{text[:500]}]\n")


def new_host(capture: Capture) -> CellHost:
    """Return the process's one shell, known to `IPython.get_ipython()`."""
    os.environ.setdefault("PAGER", "cat")
    CellHost.clear_instance()
    host: CellHost = CellHost.instance(capture)
    return host
