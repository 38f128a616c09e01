"""Outcomes of tests as a student reads them: which first, which together, and with which words.

`detail` is for teachers and may hold hidden values; nothing in this package reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from autograder.feedback.items import QuizItemView, item_of, item_view
from autograder.feedback.missing import cell_that_stopped, missing_name, undefined_name
from autograder.feedback.options import QuizItem, SubmittedNotebook
from autograder.feedback.twins import TwinView, twin_view
from autograder.pages.code import highlight_lines
from autograder.pages.text import clean, clean_line, without_home
from autograder.records import NOT_ANSWERED, CellOutcome, StudentTraceback, TestOutcome, TestStatus

_WORDS = {
    TestStatus.PASSED: "Passed",
    TestStatus.FAILED: "Not right yet",
    TestStatus.ERROR: "Stopped with an error",
    TestStatus.TIMEOUT: "Took too long",
    TestStatus.NOT_RUN: "Not run",
}
_URGENCY = (TestStatus.ERROR, TestStatus.FAILED, TestStatus.TIMEOUT, TestStatus.NOT_RUN, TestStatus.PASSED)
_IDENTIFIER = re.compile(r"[a-z0-9_.-]*")
_FRAMES = 6
_AROUND = 2


@dataclass(frozen=True)
class CodeLine:
    number: int
    code: Markup
    marked: bool = False


@dataclass(frozen=True)
class Frame:
    """One place in the student's notebook; cells are counted from 1, as on the page."""

    cell: int
    line: int
    lines: tuple[CodeLine, ...]
    linked: bool


@dataclass(frozen=True)
class TraceView:
    exception: str
    message: str
    raised: Frame | None
    callers: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One or more tests with one and the same thing to say."""

    status: str
    word: str
    titles: tuple[str, ...]
    message: str
    misconception: str
    hint: str
    carried_forward: bool
    counts: bool
    twin: TwinView | None
    trace: TraceView | None
    item: QuizItemView | None = None  # of a quiz: what was asked and answered
    missing: str = ""  # a name that is not defined; explained once on the page
    stopped_cell: int | None = None  # the cell that would have defined it, counted from 1


def findings(
    tests: Sequence[TestOutcome],
    notebook: SubmittedNotebook | None,
    cells: Sequence[CellOutcome] = (),
    items: Sequence[QuizItem] = (),
    *,
    show_right: bool = False,
) -> tuple[Finding, ...]:
    """Return the tests of a question, the most urgent first; those that say the same are one finding.

    items: of a quiz; then each item is a finding of its own. show_right: with the right answer.
    """
    groups: dict[tuple[object, ...], list[TestOutcome]] = {}
    for test in sorted(tests, key=lambda test: (test.untouched, _URGENCY.index(test.status))):
        if test.status is TestStatus.PASSED:
            key: tuple[object, ...] = (test.status, test.weight > 0, test.carried_forward, test.message)
        else:
            said = (test.message, test.misconception, test.hint, test.carried_forward)
            key = (test.status, test.weight > 0, *said, repr(test.traceback), _example(test))
        groups.setdefault((_item_name(test, items), *key), []).append(test)
    return tuple(_finding(group, notebook, cells, items, show_right) for group in groups.values())


def _item_name(test: TestOutcome, items: Sequence[QuizItem]) -> str:
    item = item_of(test, items)
    return item.name if item is not None else ""


def _example(test: TestOutcome) -> str:
    """Return what tells one test's example from another's. Where both stop in one place with one error, either will
    do.
    """
    if test.traceback is not None and test.twin is not None and test.twin.found.kind == "error":
        return test.twin.found.text
    return repr(test.twin)


def untouched_word(tests: Sequence[TestOutcome]) -> str:
    """Return the word for tests of what the student has not begun with."""
    return "Not answered yet" if all(test.message == NOT_ANSWERED for test in tests) else "Not filled in yet"


def _finding(
    tests: Sequence[TestOutcome],
    notebook: SubmittedNotebook | None,
    cells: Sequence[CellOutcome],
    items: Sequence[QuizItem],
    show_right: bool,
) -> Finding:
    first = tests[0]
    failed = first.status is not TestStatus.PASSED
    message = first.message if failed and not first.untouched else ""  # word and trace say it
    trace = trace_view(first.traceback, notebook) if failed and first.traceback else None
    stopped: CellOutcome | None = None
    if name := missing_name(first):
        trace, stopped = None, cell_that_stopped(name, notebook, cells)
        message = _why_missing(name, stopped) if stopped is not None else message
    item = item_of(first, items)
    titles = [clean_line(test.title) or clean_line(test.name) for test in tests]
    shown = item_view(item, notebook, show_right=show_right) if item is not None else None
    return Finding(
        status="untouched" if first.untouched else first.status.value,
        word=untouched_word(tests) if first.untouched else _WORDS[first.status],
        titles=(shown.label,) if shown is not None else tuple(_with_counts(titles)),
        message=clean(message) if shown is None or trace is not None else "",
        misconception=_sentence(first.misconception) if failed else "",
        hint=clean(first.hint, 1_000) if failed else "",
        carried_forward=first.carried_forward,
        counts=first.weight > 0,
        twin=twin_view(first.twin) if failed and first.twin else None,
        trace=trace,
        item=shown,
        missing=(name or undefined_name(first)) if failed else "",
        stopped_cell=stopped.index + 1 if stopped is not None else None,
    )


def _why_missing(name: str, cell: CellOutcome) -> str:
    """Return why a name is missing, in one sentence: what became of the cell that would have defined it."""
    if cell.status == "error" and cell.traceback is not None:
        how = f"stopped with {clean_line(cell.traceback.exception, 80) or 'an error'}"
    else:
        how = {"error": "stopped", "timeout": "took too long"}.get(cell.status, "was not run")
    return f"`{name}` is not defined, because its cell {how} (cell {cell.index + 1})."


def _with_counts(titles: Sequence[str]) -> list[str]:
    """Say a title that parametrised tests share once, with how many there are."""
    counts: dict[str, int] = {}
    for title in titles:
        counts[title] = counts.get(title, 0) + 1
    return [title if count == 1 else f"{title} ({count} cases)" for title, count in counts.items()]


def _sentence(misconception: str) -> str:
    """Return a misconception as a sentence; its bare id is for grouping and says nothing to a student."""
    return "" if _IDENTIFIER.fullmatch(misconception) else clean(misconception, 1_000)


def trace_view(trace: StudentTraceback, notebook: SubmittedNotebook | None) -> TraceView:
    frames = [_frame(*place, notebook) for place in trace.lines[-_FRAMES:]]
    return TraceView(
        exception=clean_line(trace.exception, 80) or "Error",
        message=without_home(clean(trace.message, 1_000)),
        raised=frames[-1] if frames else None,
        callers=tuple(frames[:-1]),
    )


def _frame(cell: int, line: int, source: str, notebook: SubmittedNotebook | None) -> Frame:
    """Return the line among its neighbours, where the notebook has it there; else the line alone."""
    cells = notebook.cells if notebook else ()
    if 0 <= cell < len(cells):
        own = cells[cell].source.split("\n") if isinstance(cells[cell].source, str) else []
        if 0 < line <= len(own) and own[line - 1].strip() == source.strip():
            coloured = highlight_lines(cells[cell].source)
            if len(coloured) == len(own):
                first, last = max(1, line - _AROUND), min(len(own), line + _AROUND)
                lines = tuple(CodeLine(n, coloured[n - 1], n == line) for n in range(first, last + 1))
                return Frame(cell + 1, line, lines, linked=True)
        return Frame(cell + 1, line, (CodeLine(line, escape(clean_line(source)), True),), linked=True)
    return Frame(cell + 1, line, (CodeLine(line, escape(clean_line(source)), True),), linked=False)
