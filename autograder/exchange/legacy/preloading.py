"""Which modules the zygote imports for an imported notebook, so that no submission pays for them.

The list is what the notebook and its tests import, as far as it can be imported here and leaves no thread behind, which
no fork would survive. That is tried in a process of its own, without the course's folder.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

from autograder.exchange.legacy.model import ForeignAssignment
from autograder.exchange.legacy.provided import statements
from autograder.release.markers import solved
from autograder.sandbox.inside.wire.config import ONE_THREAD

SECONDS = 120.0  # for all of them together, on a cold disk
# Of Python's own modules only those that take long; what is small is imported anyhow.
_LARGE = {"doctest", "unittest"}
# polars has threads that no fork has; the graders' own packages are stood in for.
_NEVER = {"polars", "otter", "nbgrader", "IPython", "ipywidgets"}
_PLOTS = re.compile(r"\.(?:plot|hist|boxplot)\b")  # of a data frame: pandas imports what draws them only then
_DRAWING = ("matplotlib.pyplot", "pandas.plotting._matplotlib")
_TRY = """\
import importlib, os, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException:
        continue
    if len(os.listdir("/proc/self/task")) > 1:
        break
    print("\\n@" + name, flush=True)
"""


def preloads(draft: ForeignAssignment) -> list[str]:
    """Return the modules, in the order in which they are imported."""
    sources = [solved(cell.source) for cell in draft.cells if cell.kind == "code"]
    sources += [_plain(item.source) for item in draft.items]
    wanted = list(dict.fromkeys(name for source in sources for name in _imported(source) if _is_wanted(name, draft)))
    if any(name.partition(".")[0] == "pandas" for name in wanted) and any(map(_PLOTS.search, sources)):
        wanted += [name for name in _DRAWING if name not in wanted]
    found = _importable(tuple(wanted))
    return [name for name in found if not any(other.startswith(name + ".") for other in found)]


def _plain(test: str) -> str:
    """Return a test's code, of otter's examples without the prompts."""
    lines = test.split("\n")
    if not any(line.lstrip().startswith(">>>") for line in lines):
        return test
    return "\n".join(line.lstrip()[4:] for line in lines if line.lstrip().startswith((">>> ", "... ")))


def _imported(source: str) -> Iterator[str]:
    """Yield what code imports, wherever in it; of `from a import b` both `a` and `a.b`, which may be a module."""
    for statement in statements(source):
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")


def _is_wanted(name: str, draft: ForeignAssignment) -> bool:
    first = name.partition(".")[0]
    own = {place.stem for place in draft.files}
    return name.isascii() and first not in _NEVER | own and (name in _LARGE or first not in sys.stdlib_module_names)


@cache
def _importable(names: tuple[str, ...]) -> list[str]:
    """Return those of the modules that can be imported here, up to the first that leaves a thread behind."""
    try:
        said = subprocess.run(
            [sys.executable, "-I", "-c", _TRY, *names],
            env={**os.environ, **ONE_THREAD, "MPLBACKEND": "Agg"}, cwd="/",
            capture_output=True, timeout=SECONDS, check=False,
        ).stdout  # fmt: skip
    except subprocess.TimeoutExpired:
        return []
    found = {line[1:] for line in said.decode(errors="replace").splitlines() if line.startswith("@")}
    return [name for name in names if name in found]
