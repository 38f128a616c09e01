"""What came over, at which level, and what did not: for the terminal, and as a page of text beside the master."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograder.exchange.legacy.model import ForeignAssignment, ForeignItem

FILE = "import_report.md"


def summary(draft: ForeignAssignment) -> str:
    """Return one line: "37 items trusted, 4 beside, 0 left"."""
    counts = Counter(item.level or "left" for item in draft.items)
    manual = sum(question.kind == "manual" for question in draft.questions)
    line = f"{counts['trusted']} items trusted, {counts['beside']} beside, {counts['left']} left"
    return f"{line}; {manual} questions for a person" if manual else line


def as_markdown(draft: ForeignAssignment) -> str:
    """Return the whole report."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: ForeignAssignment) -> Iterator[str]:
    yield f"# Import of {draft.source.name} from {draft.system}"
    yield ""
    yield f"{summary(draft)}."
    yield ""
    if not draft.reference:
        yield "There was no solution, so nothing is validated: all items run beside the student's code."
        yield ""
    yield "| question | item | points | level | why |"
    yield "|---|---|---|---|---|"
    for item in draft.items:
        yield f"| {item.question} | {item.id} | {item.points:g} | {item.level or 'left'} | {_cell(_why(item))} |"
    for question in draft.questions:
        if question.kind == "manual":
            yield f"| {question.id} | | {question.points:g} | a person | |"
    if draft.notes:
        yield ""
        yield "## What a person should know"
        yield ""
        for note in draft.notes:
            yield f"- {note.where}: {' '.join(note.what.split())}"
    if draft.shown_anyway:
        yield ""
        yield "Lines of solutions that students see all the same, listed in `shown_anyway.txt`:"
        yield ""
        for line in draft.shown_anyway:
            yield f"    {line}"


def _why(item: ForeignItem) -> str:
    parts = [item.why, "visible part only" if item.only_visible else ""]
    return "; ".join(filter(None, parts))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
