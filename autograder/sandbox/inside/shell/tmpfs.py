"""The files of a student process: each fork for tests finds them as the notebook's cells left them."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress

MOST_FILES = 500
MOST_KEPT = 1 << 20  # bytes of files whose content is kept, to be written again


class Files:
    """The files below some folders, as they are when this is made."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = sorted({os.path.realpath(folder) for folder in folders if os.path.isdir(folder)})
        self._before = self._list()
        self._kept: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        left = MOST_KEPT
        for path, (size, _, is_folder) in (self._before or {}).items():
            if is_folder or size > left:
                continue
            with suppress(OSError):
                kind = os.lstat(path).st_mode
                if stat.S_ISLNK(kind):
                    self._links[path] = os.readlink(path)
                elif stat.S_ISREG(kind):  # a pipe would be waited for
                    with open(path, "rb") as file:
                        self._kept[path] = file.read(size + 1)
            left -= size

    def unchanged(self) -> bool:
        """Return whether the files are as they were; False, too, where there are too many to say."""
        return self._before is not None and self._list() == self._before

    def restore(self) -> None:
        """Remove what came, and write again what changed or went, as far as its content was kept. Never raises."""
        before, now = self._before, self._list()
        if before is None or now is None or now == before:
            return
        for path in sorted(now.keys() - before.keys(), reverse=True):
            with suppress(OSError):
                os.rmdir(path) if now[path][2] else os.remove(path)
        for path, (_, changed, is_folder) in before.items():
            if now.get(path) == before[path]:
                continue
            with suppress(OSError):
                if is_folder:
                    os.makedirs(path, exist_ok=True)
                elif path in self._links:
                    if os.path.lexists(path):
                        os.remove(path)
                    os.symlink(self._links[path], path)
                    os.utime(path, ns=(changed, changed), follow_symlinks=False)
                elif path in self._kept:
                    with open(path, "wb") as file:
                        file.write(self._kept[path])
                    os.utime(path, ns=(changed, changed))

    def _list(self) -> dict[str, tuple[int, int, bool]] | None:
        """Return path -> size, time of change in nanoseconds, whether it is a folder (which has neither); None if
        there are too many. Other file systems below the folders are left out."""
        found: dict[str, tuple[int, int, bool]] = {}
        waiting = list(self._folders)
        while waiting:
            with suppress(OSError):
                folder = waiting.pop()
                device = os.stat(folder).st_dev
                with os.scandir(folder) as entries:
                    for entry in entries:
                        status = entry.stat(follow_symlinks=False)
                        if status.st_dev != device:
                            continue
                        is_folder = stat.S_ISDIR(status.st_mode)
                        found[entry.path] = (0, 0, True) if is_folder else (status.st_size, status.st_mtime_ns, False)
                        if is_folder:
                            waiting.append(entry.path)
                        if len(found) > MOST_FILES:
                            return None
        return found
