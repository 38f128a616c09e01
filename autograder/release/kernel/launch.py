"""The kernel's process: `python -P launch.py -f CONNECTION_FILE`, started by `autograder.release.kernel.run` alone.

It is ipykernel with three things done first, none of which a notebook can see in its namespace:

1. The network is gone: the process moves into a network namespace of its own, where nothing but pathnames of sockets
   connects; the kernel talks to its client over those. Where the system refuses that, Python's own sockets refuse.
2. The course's own packages cannot be imported. They are installed here and not on a student's computer, so a
   notebook that needs them must fail here too.
3. `import torchvision` works beside a CPU build of torch (see `torchvision_operators`): only then, and only where the
   compiled operators are missing.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import socket
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NoReturn

from autograder.sandbox.inside import linux
from autograder.sandbox.inside.torchvision_operators import declare_missing

OURS = ("autograder", "reference_models", "benchmarks")


class Imports(importlib.abc.MetaPathFinder):
    """Asked before every other finder: refuses our own packages, and prepares torchvision's import."""

    def __init__(self) -> None:
        self._operators: Any = None  # torch.library.Library: kept alive as long as torchvision may be used

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in OURS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name == "torchvision" and self._operators is None:
            self._operators = _declared()
        return None


def _declared() -> Any:
    sys.meta_path[:], before = [finder for finder in sys.meta_path if not isinstance(finder, Imports)], sys.meta_path[:]
    try:
        return declare_missing() or "nothing was missing"  # asks where torchvision is, which would come back here
    finally:
        sys.meta_path[:] = before


def leave_network(unshare: Callable[[int], None] = linux.unshare) -> bool:
    """Whether the system took the network away; else Python's sockets refuse to connect to hosts."""
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
    sys.meta_path.insert(0, Imports())
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS:
            del sys.modules[name]
    if "" not in sys.path:
        sys.path.insert(0, "")  # what lies beside the notebook, as for any kernel
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
