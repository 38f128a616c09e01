"""How surely is each wrong variant caught? A mistake that only some hidden inputs show costs equal work unequal marks.

Every wrong variant is graded again with other hidden inputs for the tests of its questions, twenty times unless told
otherwise (`autograder.grading.draws`). One that passes any of these draws is off: choose inputs that always show the
mistake, or say in the bank why they cannot, with a header line `# escapes: <why>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.validation.cases import Case


@dataclass(frozen=True)
class Power:
    """Hold the power of one wrong variant in one question. draws: how many were made; caught: in how many a test
    failed; by: test -> in how many it was the first found to fail; reason: why it may escape, from its header."""

    variant: str
    question: str
    draws: int
    caught: int
    by: Mapping[str, int]
    reason: str = ""

    @property
    def sure(self) -> bool:
        return self.caught == self.draws

    def as_json(self) -> dict[str, Any]:
        return {
            "variant": self.variant,
            "question": self.question,
            "draws": self.draws,
            "caught": self.caught,
            "by": dict(self.by),
            "reason": self.reason,
        }


def powers(case: Case, draws: Mapping[str, tuple[str, ...]]) -> Iterator[Power]:
    """Yield the power of a wrong variant in each of its questions. draws: question -> first test that failed, or ""."""
    for question, failed in draws.items():
        by = Counter(test for test in failed if test)
        yield Power(case.name, question, len(failed), by.total(), dict(by.most_common()), case.escapes)


def lucky(power: Power, wanted: int) -> str:
    """Return the message for a variant that passed some draw unexplained, or was not drawn as often as wanted; "" for
    none.
    """
    if power.draws < wanted:
        return (
            f"{power.question}: expected {wanted} draws of hidden inputs, found time for {power.draws}: make its tests "
            "quicker, raise `submission_seconds`, or ask for fewer with --draws"
        )
    if power.sure or power.reason:
        return ""
    return (
        f"{power.question}: expected to be caught whatever the hidden inputs are, found {power.caught} of "
        f"{power.draws} draws in which a test failed: choose inputs that always show the mistake, or say why they "
        "cannot in a header line '# escapes: …' of the variant"
    )
