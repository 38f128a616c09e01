"""Which of a course's own Python files its tests and solutions import: they go along wherever an assignment is sent."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

LEFT_OUT = frozenset({"__pycache__", ".ipynb_checkpoints"})
_ENGINE = "autograder"  # may lie in the same folder, and is there already wherever an assignment is graded


def own_modules(root: Path, start: Iterable[Path]) -> set[Path]:
    """Return the Python files of the course's own packages and modules that these files import, directly or not."""
    found: set[Path] = set()
    waiting = list(start)
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in _top_names(path) - {_ENGINE}:
            package, module = root / name, root / f"{name}.py"
            new = set(package.rglob("*.py")) if package.is_dir() and name.isidentifier() else set()
            new |= {module} if module.is_file() else set()
            new = {one for one in new if not one.is_symlink() and not LEFT_OUT & set(one.parts)} - found
            found |= new
            waiting += new
    return found


def _top_names(path: Path) -> set[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):  # a bank's variant may be broken on purpose
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
