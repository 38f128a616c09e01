"""Python's own functions: a notebook that replaces some (`builtins.sum = …`) sees its own, our code never does.

Nothing in here calls one while they are replaced.
"""

from __future__ import annotations

import builtins
from typing import Any

_GONE = object()


class BuiltIns:
    """Puts a notebook's replacements in place while its cells run, and Python's own between them."""

    def __init__(self) -> None:
        self._space: dict[str, Any] = vars(builtins)
        self._own = {name: value for name, value in self._space.items() if name != "_"}
        self._theirs: dict[str, Any] = {}

    @property
    def replaced(self) -> list[str]:
        """Return the names of Python's own that the notebook has given another meaning, or taken away."""
        return list(self._theirs)

    def give(self) -> None:
        """Put the notebook's in place, before its code runs."""
        for name, value in self._theirs.items():
            if value is _GONE:
                self._space.pop(name, None)
            else:
                self._space[name] = value

    def lay_aside(self) -> None:
        """Put Python's own in place, after the notebook's code has run."""
        space, own = self._space, self._own
        self._theirs = {name: space.get(name, _GONE) for name in own if space.get(name, _GONE) is not own[name]}
        if self._theirs:
            space.update(own)
