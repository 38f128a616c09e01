"""What is off with many notebooks, told once.

One error of a hidden test shows in every draw of the solution, and often in every right variant too. Whoever mends it
needs one sentence, and where it was seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from autograder.validation.verdict import Verdict

# What differs from draw to draw in one and the same message: drawn numbers, with sign, fraction and exponent.
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def gathered(verdicts: Iterable[Verdict]) -> tuple[tuple[str, str], ...]:
    """Return (which notebooks, message) for each different message, in the order in which they were first seen.

    Over the draws of one notebook, messages are the same if they differ in numbers only; the first is told, with the
    number of draws. Different notebooks stand together if their messages are the same to the letter.
    """
    drawn: Counter[str] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for verdict in verdicts:
        drawn[verdict.case.drawn_from] += 1
        for key, message in {
            (verdict.case.drawn_from, _NUMBER.sub("#", text)): text for text in verdict.problems
        }.items():
            seen[key] += 1
            first.setdefault(key, message)
    notebooks: dict[str, list[str]] = {}
    for (name, shape), message in first.items():
        notebooks.setdefault(message, []).append(_counted(name, seen[name, shape], drawn[name]))
    return tuple((", ".join(names), message) for message, names in notebooks.items())


def _counted(name: str, seen: int, drawn: int) -> str:
    if drawn == 1:
        return name
    return f"{name} ({'all' if seen == drawn else f'{seen} of'} {drawn} draws)"
