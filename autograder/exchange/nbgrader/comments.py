"""What nbgrader's feedback says at an answer: our sentences, as Markdown that means nothing but its text.

nbgrader renders comments as Markdown, with raw HTML and MathJax, in the browser of whoever reads them. A message may
hold what student code said (the text of an exception), so every character that means something is made inert.
"""

from __future__ import annotations

from datetime import datetime

from autograder.course.course import Question
from autograder.records import Misconception, QuestionResult, TestOutcome, TestStatus

_MOST_TESTS = 12
_MOST_CHARACTERS = 600  # of one message
# MathJax reads the rendered page, where an entity is already the character itself: only another character is safe.
_LOOK_ALIKES = str.maketrans({"$": "\N{FULLWIDTH DOLLAR SIGN}", "\\": "\N{FULLWIDTH REVERSE SOLIDUS}"})
_MARKUP = str.maketrans({character: f"&#{ord(character)};" for character in "&<>*_`[](){}#+-.!|~\"'^=:/@"})

_SAYS = {
    TestStatus.FAILED: "not yet right",
    TestStatus.ERROR: "raised an error",
    TestStatus.TIMEOUT: "took too long",
    TestStatus.NOT_RUN: "could not run",
}


def inert(text: str) -> str:
    """Text as Markdown that shows it, on one line, and does nothing else."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    cut = one_line if len(one_line) <= _MOST_CHARACTERS else one_line[: _MOST_CHARACTERS - 1] + "…"
    return cut.translate(_LOOK_ALIKES).translate(_MARKUP)


def visible(question: Question, opens_at: datetime | None, now: datetime | None) -> bool:
    """Whether students may see a question's test results: nbgrader's feedback goes to them as it is."""
    if question.visibility == "after_due":
        return opens_at is not None and now is not None and now >= opens_at
    return question.visibility == "always"


def comment(question: Question, result: QuestionResult, *, show_tests: bool) -> str | None:
    """The comment of one answer; None where there is nothing to say (all passed, or a person's turn)."""
    parts = [inert(result.comment)] if result.comment else []
    tests = [test for test in result.tests if test.weight > 0]
    if question.kind != "manual" and tests and not show_tests:
        opens = "open after the deadline" if question.visibility == "after_due" else "are not shown"
        return "\n\n".join([*parts, f"The results of the tests {opens}."])
    wrong = [test for test in tests if test.status is not TestStatus.PASSED]
    if wrong:
        if result.misconception is not None:
            parts.append(_known(result.misconception))
        lines = [_line(test) for test in wrong[:_MOST_TESTS]]
        if len(wrong) > _MOST_TESTS:
            lines.append(f"* and {len(wrong) - _MOST_TESTS} more")
        parts.append(f"{len(tests) - len(wrong)} of {len(tests)} tests passed.\n\n" + "\n".join(lines))
    return "\n\n".join(parts) or None


def _known(found: Misconception) -> str:
    """The sentence of a known mistake, and its hint."""
    return f"**{inert(found.sentence)}**" + (f" Hint: {inert(found.hint)}" if found.hint else "")


def _line(test: TestOutcome) -> str:
    said = [f"**{_SAYS[test.status]}**: {inert(test.title)}"]
    if test.message and test.message != test.title:
        said.append(inert(test.message))
    if test.hint:
        said.append(f"Hint: {inert(test.hint)}")
    return "* " + " ".join(said)
