"""Says when one of some libraries is imported for the first time, by whatever code, and before that code goes on.

A cell that begins with `import torch; torch.set_default_dtype(torch.float64)` leaves no moment between its lines to
see what the default was.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class LateImports(MetaPathFinder):
    """Calls `imported(name)` right after each of `names` has been imported. Must stand first on `sys.meta_path`."""

    def __init__(self, names: Iterable[str], imported: Callable[[str], None]) -> None:
        self._names = {name for name in names if name not in sys.modules}
        self._imported = imported

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names:
            return None
        self._names.discard(name)  # the search below comes here again
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            self._names.add(name)
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            self._names.add(name)  # until it has worked
            run(module)
            self._names.discard(name)
            self._imported(name)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]  # the loader is this module's own
        return spec
