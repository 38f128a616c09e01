"""What a person should look at: code and outputs that no honest submission has. A flag; it never changes a score.

Two signs. *Acts* (`grading.acts`): code that reaches for other processes, the kernel, the variables of its callers or
the machinery of grading. Nothing of that helps against the sandbox, and an alias or `exec` hides it from this look; it
is here so that whoever tries it openly is seen. What the solution itself has is no sign. *Canaries*: words that only
the trusted side has. One of them in what student code printed, raised or displayed means that the confinement is
broken, whatever the score says.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograder.grading.acts import acts
from autograder.records import CellOutcome, TestOutcome

CANARY_VARIABLE = "AUTOGRADER_CANARY"
MOST_FLAGS = 12  # of one submission: a person has seen enough then
_SHORTEST = 12  # characters of a canary: shorter ones are found by chance


def forbidden_calls(sources: Mapping[int, str], allowed: Iterable[str] = ()) -> list[str]:
    """Return one flag for each cell and kind of act. sources: cell index -> code; allowed: labels."""
    passed = frozenset(allowed)
    return [
        f"cell {index} reaches for {label}: {' '.join(text.split())[:80]}"
        for index, source in sources.items()
        for label, text in acts(source).items()
        if label not in passed
    ][:MOST_FLAGS]


def new_canary() -> dict[str, str]:
    """Return a variable for the environment of a trusted process, which no sandbox passes on."""
    return {CANARY_VARIABLE: secrets.token_hex(16)}


class Canaries:
    """Words that only the trusted side has, by where they are."""

    def __init__(self, known: Mapping[str, str]) -> None:
        words = {**known, "the environment of the grader": os.environ.get(CANARY_VARIABLE, "")}
        self._words = {place: word for place, word in words.items() if len(word) >= _SHORTEST}

    def flags(
        self,
        outputs: Mapping[int, Sequence[Mapping[str, Any]]],
        cells: Iterable[CellOutcome],
        tests: Iterable[TestOutcome],
    ) -> list[str]:
        """Return a flag for each place of which student code showed the word; the word itself is not repeated."""
        if not self._words:
            return []
        raised = [*(cell.traceback for cell in cells), *(test.traceback for test in tests)]
        said = "\n".join(
            [
                *(error.model_dump_json() for error in raised if error is not None),
                *(json.dumps(list(found), ensure_ascii=False) for found in outputs.values() if found),
            ]
        )
        return [
            f"what it printed or raised holds a word of {place}: the sandbox may be broken, see docs/security.md"
            for place, word in self._words.items()
            if json.dumps(word, ensure_ascii=False)[1:-1] in said
        ]
