"""`meanwhile`: the trusted side computes what it expects while the student process computes its answer.

One waits for the other otherwise. A request is sent, then what is pending is computed, then the reply is
waited for; the student's time does not run on while we are busy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.testing.running import current


class Meanwhile:
    """What a function gives, computed while the student process is busy with the next request, or when it is asked for.

    `close` takes it as its expected value. What the function raises is raised where the value is asked for.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._work: tuple[Callable[..., Any], tuple[Any, ...]] | None = (function, args)
        self._found: Any = None
        self._raised: Exception | None = None

    def compute(self) -> None:
        if self._work is None:
            return
        (function, args), self._work = self._work, None
        test = current()
        test.computing, before = True, test.computing  # one may ask for the value of another
        try:
            self._found = function(*args)
        except Exception as error:  # noqa: BLE001 - for whoever asks for the value
            self._raised = error
        finally:
            test.computing = before

    @property
    def value(self) -> Any:
        self.compute()
        if self._raised is not None:
            raise self._raised
        return self._found


def meanwhile(function: Callable[..., Any], *args: Any) -> Meanwhile:
    """`function(*args)`, for the work of a test that needs no answer of the student's: an expected value, above all.

    It must not ask the student process, nor draw random numbers from a generator that others use, and nothing that it
    reads may change before its value is asked for.
    """
    work = Meanwhile(function, args)
    current().pending.append(work.compute)
    return work
