"""The kernel's process: `python -P launch.py [COURSE] -f CONNECTION_FILE`, started by `release.kernel.run` alone.

It is ipykernel with three things done first, none of which a notebook can see in its namespace:

1. The network is gone: the process moves into a network namespace of its own, where nothing but pathnames of sockets
   connects; the kernel talks to its client over those. Where the system refuses that, Python's own sockets refuse.
2. Nothing can be imported from the course's folder, nor from the engine. They are here and not on a student's
   computer, so a notebook that needs them must fail here too. What lies beside the notebook can be.
3. `import torchvision` works beside a CPU build of torch (see `torchvision_operators`): only then, and only where the
   compiled operators are missing.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import site
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from autograder.sandbox.inside.process import linux
from autograder.sandbox.inside.process.torchvision_operators import declare_missing

ENGINE = "autograder"


class Imports(importlib.abc.MetaPathFinder):
    """Asked before every other finder: refuses what is the course's or the engine's, prepares torchvision's import."""

    def __init__(self, course: Path | None, beside: Path) -> None:
        """Take the course's folder. beside: where the notebook lies, from which it may import."""
        self._course = course
        self._allowed = [beside, *map(Path, (sys.prefix, sys.base_prefix)), *map(Path, site.getsitepackages())]
        self._operators: Any = None  # torch.library.Library: kept alive as long as torchvision may be used

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None and (name == ENGINE or self._is_the_course_s(name)):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name == "torchvision" and self._operators is None:
            with _others():
                self._operators = declare_missing() or "nothing was missing"
        return None

    def _is_the_course_s(self, name: str) -> bool:
        """Return whether what the other finders would import lies in the course's folder, and not beside the
        notebook.
        """
        if self._course is None:
            return False
        with _others():
            specs = (finder.find_spec(name, None) for finder in sys.meta_path if hasattr(finder, "find_spec"))
            spec = next((spec for spec in specs if spec is not None), None)
        if spec is None:
            return False
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or [spec.origin or ""])]
        return any(
            place.is_relative_to(self._course) and not any(place.is_relative_to(other) for other in self._allowed)
            for place in places
        )


@contextlib.contextmanager
def _others() -> Iterator[None]:
    """Take our own finder away for the block: who asks where a module is does not come back here."""
    sys.meta_path[:], before = [finder for finder in sys.meta_path if not isinstance(finder, Imports)], sys.meta_path[:]
    try:
        yield
    finally:
        sys.meta_path[:] = before


def leave_network(unshare: Callable[[int], None] = linux.unshare) -> bool:
    """Return whether the system took the network away; else Python's sockets refuse to connect to hosts."""
    flags = linux.CLONE_NEWNET if os.geteuid() == 0 else linux.CLONE_NEWNET | linux.CLONE_NEWUSER
    with contextlib.suppress(OSError):
        unshare(flags)
        return True
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            raise OSError(101, "Network is unreachable")
        connect(self, address)

    def no_names(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    socket.socket.connect = local_only  # type: ignore[assignment,method-assign]
    socket.getaddrinfo = no_names
    return False


def main() -> None:
    leave_network()
    course = Path(sys.argv.pop(1)).resolve() if sys.argv[1:] and not sys.argv[1].startswith("-") else None
    sys.meta_path.insert(0, Imports(course, Path.cwd().resolve()))
    for name in list(sys.modules):
        if name.partition(".")[0] == ENGINE:
            del sys.modules[name]
    if "" not in sys.path:
        sys.path.insert(0, "")  # what lies beside the notebook, as for any kernel
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
