"""What nbgrader's feedback says at an answer, in words that two places show: as Markdown to students, and as they are
typed to whoever grades, in formgrader's field for comments.

nbgrader renders comments as Markdown, with raw HTML and MathJax, in the browser of whoever reads them. The course's own
words (titles, hints, a person's comment) stay as typed but for what would be read as a tag. A message may hold what
student code said (the text of an exception, the name of a class): there, whatever could become a tag, a link, a picture
or a formula is replaced, and all else stays readable.
"""

from __future__ import annotations

import re
from datetime import datetime

from autograder.course.course import Question
from autograder.records import Misconception, QuestionResult, TestOutcome, TestStatus

_MOST_TESTS = 12
_MOST_CHARACTERS = 600  # of one message
# MathJax reads the rendered page, where an entity is already the character itself: only another character is safe.
_LOOK_ALIKES = str.maketrans({"$": "\N{FULLWIDTH DOLLAR SIGN}", "\\": "\N{FULLWIDTH REVERSE SOLIDUS}"})
# What could become a tag; an ampersand only where it could begin an entity.
_TAG = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w)")
# Links and pictures need a bracket that is followed by their address, or an address that is a link by itself; marks of
# emphasis would take characters of the message away.
_LINK = re.compile(
    r"\](?=[\[(:])|:(?=//)|(?<=www)\.|(?<=mailto):|(?<=\w)@(?=\w)|(?<!\s)\*|\*(?!\s)|(?<!\w)__|__(?!\w)|~~"
)

_SAYS = {
    TestStatus.FAILED: "not yet right",
    TestStatus.ERROR: "raised an error",
    TestStatus.TIMEOUT: "took too long",
    TestStatus.NOT_RUN: "could not run",
}


def as_typed(text: str) -> str:
    """Return the course's own words on one line; only what would be read as a tag is replaced."""
    return _TAG.sub(_entity, _one_line(text))


def harmless(text: str) -> str:
    """Return words that may be a student's on one line, as Markdown that shows them and does nothing else."""
    shown = re.sub(r"&(?=#?\w)", "&amp;", _one_line(text).translate(_LOOK_ALIKES))
    return _LINK.sub(_entity, shown.replace("<", "&lt;").replace("![", "!&#91;"))


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…"


def _entity(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in match[0])


def visible(question: Question, opens_at: datetime | None, now: datetime | None) -> bool:
    """Return whether students may see a question's test results: nbgrader's feedback goes to them as it is."""
    if question.visibility == "after_due":
        return opens_at is not None and now is not None and now >= opens_at
    return question.visibility == "always"


def comment(question: Question, result: QuestionResult, *, show_tests: bool) -> str | None:
    """Return the comment of one answer; None where there is nothing to say (all passed, or a person's turn)."""
    parts = [as_typed(result.comment)] if result.comment else []
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
    """Return the sentence of a known mistake, and its hint."""
    return f"**{as_typed(found.sentence)}**" + (f" Hint: {as_typed(found.hint)}" if found.hint else "")


def _line(test: TestOutcome) -> str:
    said = [f"**{_SAYS[test.status]}**: {as_typed(test.title)}"]
    if test.message and test.message != test.title:
        said.append(harmless(test.message))
    if test.hint:
        said.append(f"Hint: {as_typed(test.hint)}")
    return "* " + " ".join(said)
