"""`with unchanged(model, x): ...`: what student code was handed is afterwards as it was before.

The student process reports this of itself, so it can only find fault: a mode, a gradient or a value
that differs fails the test, and "nothing changed" proves nothing.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from autograder.testing.kinds import Mismatch
from autograder.testing.proxy import Handle
from autograder.testing.running import RunningTest, current
from autograder.testing.same import identical


class unchanged:
    """Guards module handles (weights and buffers, modes, `.grad`, `requires_grad`) and arguments: the very
    tensors, arrays, lists or dicts of the test that calls inside the block pass to student code."""

    def __init__(self, *things: Any) -> None:
        self._things = things
        self._before: list[_Before] = []

    def __enter__(self) -> unchanged:
        self._test: RunningTest = current()
        for thing in self._things:
            if isinstance(thing, Handle):
                self._before.append(_Before(thing))
            else:
                self._test.watched[id(thing)] = thing
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        watched = [thing for thing in self._things if not isinstance(thing, Handle)]
        changed = [thing for thing in watched if id(thing) in self._test.changed]
        for thing in watched:
            self._test.watched.pop(id(thing), None)
        if kind is not None:
            return
        if changed:
            raise Mismatch("The function changed its argument in place; the caller still needs it: work on a copy.")
        for snapshot in self._before:
            snapshot.compare()


class _Before:
    def __init__(self, module: Handle) -> None:
        self._module = module
        self._state, self._modes, self._rows = module.snapshot()

    def compare(self) -> None:
        state, modes, rows = self._module.snapshot()
        if [row[:4] for row in rows] != [row[:4] for row in self._rows]:
            raise Mismatch("The function changed the model's parameters: their names, shapes or `requires_grad`.")
        for before, after in zip(self._rows, rows, strict=True):
            if before[4] is None and after[4] is not None:
                raise Mismatch("The function left gradients behind in the model's parameters.", f"in {after[0]!r}")
            if not identical(before[4], after[4]):
                raise Mismatch("The function changed the gradients of the model's parameters.", f"in {after[0]!r}")
        if modes != self._modes:
            raise Mismatch("The function changed the model's mode (train or eval) and did not restore it.")
        if not identical(self._state, state):
            names = [name for name in self._state if not identical(self._state[name], state.get(name))]
            raise Mismatch("The function changed the model's weights or buffers.", f"in {', '.join(names[:8])}")
