"""Which backends passed their self-test on this machine since it was started.

The tests are those of `autograder doctor` and take some seconds, and several workers start at once, run after run;
what they look at (kernel, engine, image, this package) does not change under a running machine without a trace in the
key. Only passing is remembered: what failed is tried again, so that a mended machine is noticed. The file is in the
user's own cache folder; whoever can write there is the one who grades.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from autograder import __version__

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NAME = "sandbox-tests.json"


def recently(backend: str, image: str) -> bool:
    """Return whether the backend passed since the machine was started, as it is now."""
    return _key(backend, image) in _read()


def remember(backend: str, image: str) -> None:
    """Write down that the backend passed. Where that cannot be written, it is tested again next time."""
    boot = _boot()
    keys = {*_read(), _key(backend, image)} if boot else set()
    with contextlib.suppress(OSError):
        path = cache_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent)  # 0600, and whole or not there
        with os.fdopen(descriptor, "w") as file:
            json.dump({"boot": boot, "passed": sorted(keys)}, file)
        os.replace(name, path)


def cache_file() -> Path:
    """Return where it is written: $XDG_CACHE_HOME/autograder, by default ~/.cache/autograder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder" / NAME


def _read() -> set[str]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        path = cache_file()
        if path.stat().st_uid == os.getuid():
            found = json.loads(path.read_text())
            if found["boot"] == _boot() != "":
                return set(found["passed"])
    return set()


def _boot() -> str:
    with contextlib.suppress(OSError):
        return BOOT_ID.read_text().strip()
    return ""


def _key(backend: str, image: str) -> str:
    """Return everything that the outcome depends on: who, with which kernel, package, interpreter and image."""
    parts = (backend, image, str(os.getuid()), platform.release(), __version__, sys.executable, _sources())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _sources() -> str:
    """Return sizes and times of this folder's files: a changed sandbox is a sandbox that was not tested."""
    files = sorted(Path(__file__).parents[1].rglob("*.py"))
    return ";".join(f"{file.name}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in files)
