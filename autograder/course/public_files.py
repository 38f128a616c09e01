"""What students get beside the starter, and how it lies there: files under their names, folders in their shape."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

IGNORED = {"__pycache__", ".ipynb_checkpoints", ".git"}


def lying_beside(paths: Sequence[Path]) -> dict[str, Path]:
    """Return path beside the notebook (with `/`) -> file. Of a folder `data` it is every file, as `data/…`.

    Links are left out, since they may lead anywhere, and so is what Python and Jupyter leave behind.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                parts = file.relative_to(path).parts
                if file.is_file() and not file.is_symlink() and not IGNORED & set(parts):
                    found["/".join((path.name, *parts))] = file
        else:
            found[path.name] = path
    return found


@contextmanager
def working_beside(paths: Sequence[Path]) -> Iterator[Path]:
    """For the block, work in a folder with links to these files and folders: where the solution looks for them."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="beside-") as folder:
        for path in paths:
            os.symlink(path.resolve(), Path(folder) / path.name)
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
