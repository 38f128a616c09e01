"""Magics that behave differently while grading: cheap, quiet, and with the student's own line numbers."""

from __future__ import annotations

import statistics
import sys
from time import perf_counter, process_time
from types import SimpleNamespace
from typing import Any

from IPython.core.magic import no_var_expand
from IPython.utils.capture import capture_output

from .execution import CELL_FILE, NOTHING, Executor
from .host import CellHost

TIMEIT_SECONDS = 0.2
# Cell magics of profilers and loggers: their body is plain Python and is run as such.
TRANSPARENT = ("prun", "memit", "mprun", "lprun", "snakeviz", "scalene", "heat", "wandb", "notify", "debug")
SHELLS = ("bash", "sh", "script", "system", "sx", "!")
# Line magics that need a person, a browser or a history: nothing to do while grading.
IGNORED = (
    *("matplotlib", "config", "debug", "pdb", "edit", "autosave", "autoreload", "tensorboard", "history", "recall"),
    *("rerun", "save", "notebook", "logstart", "gui", "connect_info", "store", "page"),
)


def register(host: CellHost, executor: Executor) -> None:
    """Put the magics of this file over IPython's own."""
    magics = _Magics(host, executor)
    # IPython's register_magic_function refuses names like `config`; its tables are what it looks magics up in.
    table = host.magics_manager.magics
    for name in IGNORED:
        table["line"][name] = magics.ignore
    table["line"].update(load_ext=magics.load_ext, reload_ext=magics.load_ext, pylab=magics.pylab)
    for kind in ("line", "cell"):
        table[kind].update(time=magics.time, timeit=magics.timeit)
    table["cell"]["capture"] = magics.capture
    table["cell"].update(dict.fromkeys(TRANSPARENT, magics.transparent))
    table["cell"].update(dict.fromkeys(SHELLS, magics.shell))


class _Magics:
    def __init__(self, host: CellHost, executor: Executor) -> None:
        self._host = host
        self._executor = executor

    @no_var_expand
    def ignore(self, line: str = "") -> None:
        """Do nothing: there is nothing to do while grading."""

    def load_ext(self, line: str) -> None:
        name = line.strip()
        if name in ("autoreload", "tensorboard", "google.colab.data_table"):
            return
        try:
            self._host.extension_manager.load_extension(name)
        except Exception as error:  # noqa: BLE001 - an extension is foreign code; a notebook goes on without it
            self._host.capture.write("stderr", f"[the extension {name[:100]} is not loaded: {type(error).__name__}]\n")

    def pylab(self, _line: str = "") -> None:
        import matplotlib.pyplot as plt
        import numpy as np
        from matplotlib import pylab

        names = {name: value for name, value in vars(pylab).items() if not name.startswith("_")}
        self._host.user_ns.update(names, np=np, numpy=np, plt=plt, pylab=pylab)

    @no_var_expand
    def time(self, line: str, cell: str | None = None) -> Any:
        """Run `%time` and `%%time` once, print the times, give the last expression's value back."""
        wall, cpu = perf_counter(), process_time()
        try:
            value = self._run(line, cell)
        finally:
            used, passed = process_time() - cpu, perf_counter() - wall
            print(f"CPU times: total: {_duration(used)}\nWall time: {_duration(passed)}")
        return None if value is NOTHING else value

    @no_var_expand
    def timeit(self, line: str, cell: str | None = None) -> Any:
        """Run `%timeit` and `%%timeit` in at most a fifth of a second more than one run takes."""
        options, statement = _options(line)
        index, offset = self._place(cell)
        space = dict(self._host.user_ns)  # timed statements leave no names behind
        if cell is not None:
            if statement:
                self._executor.run(statement, index, offset - 1, space)
            statement = cell
        body, last = self._executor.compile(statement, index, offset)

        def once() -> float:
            begun = perf_counter()
            for code in (body, last):
                if code is not None:
                    self._executor.execute(code, space)
            return perf_counter() - begun

        runs = [once()]
        stop = perf_counter() + TIMEIT_SECONDS
        while len(runs) < 1000 and perf_counter() + runs[-1] < stop:
            runs.append(once())
        mean, spread = statistics.fmean(runs), statistics.pstdev(runs)
        if "-q" not in options:
            print(f"{_duration(mean)} ± {_duration(spread)} per loop ({len(runs)} loops; shortened while grading)")
        if "-o" in options:
            return SimpleNamespace(average=mean, best=min(runs), worst=max(runs), stdev=spread, all_runs=runs, loops=1)
        return None

    @no_var_expand
    def capture(self, line: str, cell: str) -> None:
        """Run `%%capture name`: what the body prints and shows goes into a variable."""
        options, name = _options(line)
        with capture_output("--no-stdout" not in options, "--no-stderr" not in options) as captured:
            value = self._run("", cell)
            if value is not NOTHING:
                sys.displayhook(value)
        if name.isidentifier():
            self._host.user_ns[name] = captured

    @no_var_expand
    def transparent(self, line: str, cell: str) -> Any:
        """Run the body as if the magic were not there."""
        value = self._run("", cell)
        return None if value is NOTHING else value

    @no_var_expand
    def shell(self, line: str, cell: str) -> None:
        """Run `%%bash`: the body as one shell script."""
        self._host.run_script(cell)

    def _run(self, line: str, cell: str | None) -> Any:
        index, offset = self._place(cell)
        return self._executor.run(line if cell is None else cell, index, offset)

    def _place(self, cell: str | None) -> tuple[int, int]:
        """Return the cell index, and how many of its lines come before the code that a magic runs."""
        frame = sys._getframe(1)
        while frame is not None:
            found = CELL_FILE.fullmatch(frame.f_code.co_filename)
            if found:
                return int(found[1]), frame.f_lineno - (1 if cell is None else 0)
            frame = frame.f_back  # type: ignore[assignment]
        return 0, 0


def _options(line: str) -> tuple[set[str], str]:
    """Return leading `-x` options (their numbers too) and the rest of the line."""
    options: set[str] = set()
    rest = line.strip()
    while rest.startswith("-"):
        word, _, rest = rest.partition(" ")
        options.add(word)
        rest = rest.lstrip()
        if word in ("-n", "-r", "-p", "-t"):
            rest = rest.partition(" ")[2].lstrip()
    return options, rest


def _duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
