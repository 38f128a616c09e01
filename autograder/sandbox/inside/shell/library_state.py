"""Settings of Python and its libraries that hold for a whole process: hidden tests start from the defaults.

A notebook that ends with `torch.set_default_dtype(torch.float64)`, `torch.set_grad_enabled(False)` or
`warnings.simplefilter("error")` changes what every later call means, and a precision that only some processors have
makes answers depend on the machine. So before tests each setting is put back to what it was when the libraries were
imported, or to what provided code set it to. What a student's function needs, it sets itself.

Random generators are not here: they are seeded anew for every test.
"""

from __future__ import annotations

import builtins
import decimal
import gc
import locale
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from itertools import zip_longest
from typing import Any

from .library_settings import LIBRARIES, Setting

_SIGNALS = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGVTALRM, signal.SIGPROF),
)
_TIMERS = (signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)  # the third one is taken back after each cell


class LibraryState:
    """The settings of this process, as they should be when a test begins."""

    def __init__(self) -> None:
        """Take what they are now as the default. Of libraries that are imported later, see `add`."""
        self._settings = _of_python()
        self._defaults = self.read()
        for library in LIBRARIES:
            if library in sys.modules:
                self.add(library)

    def add(self, library: str) -> None:
        """Take the settings of a library that has just been imported, as they are now, for its defaults."""
        settings = LIBRARIES[library]()
        self._settings += settings
        self._defaults += [_quietly(setting.read) for setting in settings]

    def take(self) -> None:
        """Take what the settings are now as the default: a student process has another working directory and import
        path than the process that it was forked from."""
        self._defaults = self.read()

    def read(self) -> list[Any]:
        """Return the value of every setting. One that cannot be read counts as None."""
        return [_quietly(setting.read) for setting in self._settings]

    def accept(self, before: list[Any]) -> None:
        """Take for a default what changed since `before`, or came with a library since: provided code did it."""
        for place, (old, new) in enumerate(zip_longest(before, self.read())):
            if old != new:
                self._defaults[place] = new

    def restore(self) -> list[str]:
        """Put every setting back to its default. Return the names of those that differed."""
        differed = []
        for setting, value, default in zip(self._settings, self.read(), self._defaults, strict=True):
            if value != default:
                differed.append(setting.name)
                _quietly(lambda: setting.write(default))  # noqa: B023 - called at once
        return differed

    def is_default(self) -> bool:
        """Return whether every setting is as tests should find it."""
        return self.read() == self._defaults


def _quietly(ask: Callable[[], Any]) -> Any:
    with suppress(Exception):  # a library that a student patched
        return ask()
    return None


def _of_python() -> list[Setting]:
    def set_filters(filters: tuple[Any, ...]) -> None:
        warnings.filters[:] = filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]

    def read_environment() -> dict[Any, Any]:
        return dict(os.environ._data)  # type: ignore[attr-defined]  # as bytes: decoding takes longer than all the rest

    def set_environment(variables: dict[bytes, bytes]) -> None:
        os.environ.clear()
        os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()})

    def read_decimal() -> tuple[Any, ...]:
        now = decimal.getcontext()
        return now.prec, now.rounding, now.Emin, now.Emax, now.capitals, now.clamp

    def built_in() -> bool:
        return not [name for name in own if space.get(name) is not own[name]]  # without any of them

    def set_warn(functions: tuple[Any, Any]) -> None:
        warnings.showwarning, warnings.formatwarning = functions

    def read_signals() -> tuple[Any, ...]:
        return tuple(map(signal.getsignal, _SIGNALS)), tuple(map(signal.getitimer, _TIMERS))

    def set_signals(state: tuple[Any, ...]) -> None:
        for timer in _TIMERS:
            signal.setitimer(timer, 0)
        for number, handler in zip(_SIGNALS, state[0], strict=True):
            if handler is not None and handler is not signal.getsignal(number):  # None: not set by Python
                signal.signal(number, handler)

    space = vars(builtins)
    own = {name: value for name, value in space.items() if name != "_"}
    return [
        Setting("warnings", lambda: tuple(warnings.filters), set_filters),
        Setting("how warnings are shown", lambda: (warnings.showwarning, warnings.formatwarning), set_warn),
        Setting("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
        Setting("digits of integers", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
        Setting("import path", lambda: tuple(sys.path), lambda path: sys.path.__setitem__(slice(None), path)),
        Setting("environment", read_environment, set_environment),
        Setting("working directory", os.getcwd, os.chdir),
        Setting("locale", lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
        Setting("garbage collection", lambda: (gc.isenabled(), gc.get_threshold()), _set_garbage_collection),
        Setting("decimal context", read_decimal, lambda _: decimal.setcontext(decimal.Context())),
        Setting("handlers of signals", read_signals, set_signals),
        Setting("built-in functions", built_in, lambda _: space.update(own)),
    ]


def _set_garbage_collection(state: tuple[bool, tuple[int, int, int]]) -> None:
    gc.set_threshold(*state[1])
    (gc.enable if state[0] else gc.disable)()
