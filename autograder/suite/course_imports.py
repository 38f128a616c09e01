"""Lets hidden tests import the course's own packages, from its folder and from nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def importing_from(*folders: Path) -> Iterator[None]:
    """Let imports come first, for the block, from the course's folder, and then from its folders of public modules."""
    places = [str(folder) for folder in folders]
    sys.path[:0] = places
    try:
        yield
    finally:
        for place in places:
            sys.path.remove(place)


def forget_other_courses(folders: Iterable[Path]) -> None:
    """Drop imported modules that these folders of a course have, too, and that came from somewhere else.

    A process may collect the tests of two courses, and `helpers` of the first must not answer for that of the second.
    """
    for folder in folders:
        modules = {path.stem for path in folder.glob("*.py")}
        packages = {path.parent.name for path in folder.glob("*/__init__.py")}
        imported = {name.partition(".")[0] for name in sys.modules}
        for top in ((modules | packages) - {"autograder", "__init__"}) & imported:
            file = getattr(sys.modules.get(top), "__file__", None)
            if file is not None and not Path(file).resolve().is_relative_to(folder.resolve()):
                for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
                    del sys.modules[name]
