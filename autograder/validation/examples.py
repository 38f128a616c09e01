"""Does every example that students are told to run really run?

A public twin shows a call to be pasted into a notebook. Each one is pasted here: one cell at the end of the
solution's notebook, graded by the same workers in the same sandbox as everything else. A call that raises, or is no
Python, is what a student would meet, and is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from autograder.validation.cases import Case
from autograder.validation.verdict import Verdict

NAME = "solution with every example"


def example_calls(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Return every call that a public twin showed in one of these gradings, with the name of its test."""
    return {
        test.twin.shows: test.name
        for verdict in verdicts
        for test in verdict.tests
        if test.twin is not None and test.twin.is_call
    }


def examples_case(solution: bytes, calls: Iterable[str]) -> Case:
    """Return the solution's notebook with each call in a cell of its own at the end."""
    document: dict[str, Any] = json.loads(solution)
    document["cells"] += [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"example-{number}",
            "metadata": {},
            "outputs": [],
            "source": call,
        }
        for number, call in enumerate(calls)
    ]
    return Case("solution", NAME, json.dumps(document).encode())


def with_examples(verdict: Verdict, calls: dict[str, str], solution: bytes) -> Verdict:
    """Return the verdict on `examples_case` with a problem for each call that did not run to its end."""
    first = len(json.loads(solution)["cells"])
    cells = {cell.index: cell for cell in verdict.evidence.cells} if verdict.evidence is not None else {}
    problems = []
    for position, (call, test) in enumerate(calls.items()):
        cell = cells.get(first + position)
        if cell is None or cell.status != "ok":
            trace = cell.traceback if cell is not None else None
            said = f"{trace.exception}: {trace.message}" if trace else cell.status if cell else "was not run"
            problems.append(
                f"{test}: its example cannot be run after the solution ({said}): {call[:200]!r}; write Python that "
                "runs in the notebook, or describe the example with `describes`"
            )
    return replace(verdict, problems=(*verdict.problems, *problems))
