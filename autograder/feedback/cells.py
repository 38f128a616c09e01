"""The submitted notebook as it is shown at the end of the page: bounded, cell by cell, with both sets of outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.feedback.findings import TraceView, trace_view
from autograder.feedback.options import OurOutputs, Output, SubmittedCell, SubmittedNotebook
from autograder.pages.code import LIMIT as CELL_LIMIT
from autograder.pages.code import highlight_lines
from autograder.pages.markdown import render_markdown
from autograder.pages.outputs import Block, ImageBudget, output_blocks, same_outputs
from autograder.pages.text import clean, clean_line, plural
from autograder.records import CellOutcome

CELLS_LIMIT = 500
CHARACTERS_LIMIT = 600_000  # of sources on one page
STYLED_LIMIT = 100_000  # the rest is shown as typed: colours and Markdown cost seconds on hostile text

_WORDS = {
    "ok": "",
    "error": "stopped with an error",
    "timeout": "took too long",
    "skipped": "not run here",
    "not_run": "not run here",
}


@dataclass(frozen=True)
class CellView:
    number: int
    kind: str  # code | markdown | raw
    lines: tuple[Markup, ...] = ()
    html: Markup | None = None
    text: str = ""
    status: str = ""
    word: str = ""
    reason: str = ""
    trace: TraceView | None = None
    submitted: tuple[Block, ...] = ()
    ours: tuple[Block, ...] = ()
    same: bool = False

    @property
    def long(self) -> bool:
        return len(self.lines) > 120


@dataclass(frozen=True)
class NotebookView:
    cells: tuple[CellView, ...]
    left_out: str  # a sentence, where not everything is shown


def notebook_view(
    notebook: SubmittedNotebook | None, ours: OurOutputs, outcomes: Sequence[CellOutcome]
) -> NotebookView | None:
    if notebook is None:
        return None
    by_index = {outcome.index: outcome for outcome in outcomes}
    rerun = dict(ours) if isinstance(ours, Mapping) else dict(enumerate(ours))
    budget = ImageBudget()
    views: list[CellView] = []
    characters = 0
    for index, cell in enumerate(notebook.cells[:CELLS_LIMIT]):
        characters += min(len(cell.source), CELL_LIMIT) if isinstance(cell.source, str) else 0
        if characters > CHARACTERS_LIMIT:
            break
        views.append(_cell_view(index, cell, rerun.get(index), by_index.get(index), budget, characters > STYLED_LIMIT))
    missing = len(notebook.cells) - len(views)
    left_out = f"{plural(missing, 'more cell')} {'is' if missing == 1 else 'are'} not shown here." if missing else ""
    return NotebookView(tuple(views), left_out)


def _cell_view(
    index: int,
    cell: SubmittedCell,
    ours: Sequence[Output] | None,
    outcome: CellOutcome | None,
    budget: ImageBudget,
    plain: bool,
) -> CellView:
    if cell.kind == "markdown":
        pasted = cell.attachments.values() if isinstance(cell.attachments, Mapping) else ()
        pictures = [{"output_type": "display_data", "data": {"image/png": picture}} for picture in pasted]
        blocks = output_blocks(pictures, budget, own_traceback=True)
        return CellView(index + 1, "markdown", html=render_markdown(cell.source, plain=plain), submitted=blocks)
    if cell.kind != "code":
        return CellView(index + 1, "raw", text=clean(cell.source, 20_000))
    submitted = output_blocks(cell.outputs, budget, own_traceback=True)
    rerun = output_blocks(ours or (), budget, own_traceback=False)
    trace = trace_view(outcome.traceback, None) if outcome and outcome.traceback else None
    return CellView(
        index + 1,
        "code",
        lines=highlight_lines(cell.source, plain=plain),
        status=outcome.status if outcome else "",
        word=_WORDS[outcome.status] if outcome else "",
        reason=clean_line(outcome.reason) if outcome else "",
        trace=trace,
        submitted=submitted,
        ours=rerun,
        same=same_outputs(submitted, rerun),
    )
