"""Why a name that a test asked for is not there: mostly its cell stopped before it was defined."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.feedback.options import SubmittedNotebook
from autograder.records import CellOutcome, TestOutcome

_SAID = re.compile(r"`([A-Za-z_]\w{0,99})` is not defined", re.ASCII)
_ASKED = re.compile(r"name '([A-Za-z_]\w{0,99})' is not defined", re.ASCII)
_LOOKED_AT = 100_000  # characters of a cell


def missing_name(test: TestOutcome) -> str:
    """Return the name that the notebook did not define, "" where the test failed for another reason."""
    trace = test.traceback
    if trace is None or trace.exception != "NameError" or trace.lines:
        return ""
    said = _SAID.match(trace.message)
    return said[1] if said else ""


def undefined_name(test: TestOutcome) -> str:
    """Return the name that the student's own line asked for and did not find, "" where it failed otherwise."""
    trace = test.traceback
    if trace is None or trace.exception != "NameError":
        return ""
    said = _ASKED.search(trace.message)
    return said[1] if said else ""


def cell_that_stopped(
    name: str, notebook: SubmittedNotebook | None, outcomes: Sequence[CellOutcome]
) -> CellOutcome | None:
    """Return the last cell that would define `name` and did not run to its end."""
    blank = "[ \\t]*"  # not \s, which would try every run of empty lines from each of them
    defines = re.compile(
        rf"^{blank}(?:(?:async +)?def|class) +{name}\b|^{blank}{name}{blank}(?::[^=\n]*)?=(?!=)", re.MULTILINE
    )
    cells = notebook.cells if notebook is not None else ()
    for outcome in reversed(outcomes):
        if outcome.status == "ok" or not 0 <= outcome.index < len(cells):
            continue
        source = cells[outcome.index].source
        if isinstance(source, str) and defines.search(source[:_LOOKED_AT]):
            return outcome
    return None
