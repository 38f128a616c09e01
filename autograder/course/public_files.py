"""What students get beside the starter, and how it lies there: files under their names, folders in their shape."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

IGNORED = {"__pycache__", ".ipynb_checkpoints", ".git"}
PREFIX = "beside-"


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
def working_beside(paths: Sequence[Path], folder: str = "") -> Iterator[Path]:
    """Work, for the block, in a folder with links to these files and folders: where the solution looks for them.

    folder: an empty one that is there already; it is removed afterwards like one that is made here.
    """
    before = Path.cwd()
    place = Path(folder or tempfile.mkdtemp(prefix=PREFIX))
    try:
        for path in paths:
            os.symlink(path.resolve(), place / path.name)
        os.chdir(place)
        try:
            yield place
        finally:
            os.chdir(before)
    finally:
        shutil.rmtree(place, ignore_errors=True)
