"""Write the executed notebook: the student's cells with the submitted outputs and ours, harmless to open.

nbgrader's formgrader renders `autograded/` notebooks without sanitising, in a session that may change grades
(SANDBOX.md's rule on autograded notebooks). So outputs hold text and checked PNG only, and Markdown cells
cannot become HTML: no tag, no active link, no MathJax command that makes one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograder.notebooks.markdown import harmless_cell
from autograder.notebooks.outputs import clean_outputs, stream
from autograder.notebooks.read import Cell, Notebook

SUBMITTED = "── output as handed in ──\n"
GRADED = "── output when graded ──\n"

AS_TYPED = "as_typed"  # the text of a cell that was written again; never to be shown as Markdown
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def executed_notebook(
    notebook: Notebook,
    ours: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    graded_by_hand: Collection[int] = (),
    metadata: Mapping[int, Mapping[str, Any]] | None = None,
) -> bytes:
    """Return the nbformat 4.5 JSON of `notebook`.

    ours: outputs of the cells that ran, by position. A cell shows the submitted outputs and ours, each under a
    line that says which; where both are the same, or there is only one, just that. A cell in `graded_by_hand`
    shows the submitted outputs first in any case. metadata: metadata of cells by position (nbgrader's, from the
    release); none is taken over from the submission but tags.
    """
    ids: set[str] = set()
    cells = [_cell(cell, ours.get(cell.index), cell.index in graded_by_hand, ids) for cell in notebook.cells]
    for cell, written in zip(notebook.cells, cells, strict=True):
        marks = metadata.get(cell.index, {}) if metadata else {}
        written["metadata"].update(marks)
        if cell.kind == "markdown" and written["source"] != cell.source:
            written["metadata"]["autograder"] = {AS_TYPED: cell.source}  # an answer in code may stand in it
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _cell(cell: Cell, ours: Sequence[Mapping[str, Any]] | None, by_hand: bool, ids: set[str]) -> dict[str, Any]:
    name = cell.id if _CELL_ID.fullmatch(cell.id) and cell.id not in ids else f"cell-{cell.index}"
    while name in ids:
        name += "-"
    ids.add(name)
    written: dict[str, Any] = {"cell_type": cell.kind, "id": name, "metadata": {}}
    if cell.tags:
        written["metadata"]["tags"] = sorted(cell.tags)
    if cell.kind == "code":
        written["execution_count"] = None
        written["outputs"] = _outputs(cell.outputs, ours, by_hand)
        written["source"] = cell.source
        return written
    written["source"], pictures = harmless_cell(cell.source, cell.attachments)
    if pictures:
        written["attachments"] = {name: {"image/png": image} for name, image in pictures.items()}
    return written


def _outputs(
    submitted: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]] | None, by_hand: bool
) -> list[dict[str, Any]]:
    # theirs were cleaned when the notebook was read
    theirs, graded = [dict(output) for output in submitted], list(clean_outputs(ours))
    if ours is None or (not graded and not by_hand and not theirs):
        return theirs
    if _shown(theirs) == _shown(graded):
        return theirs if by_hand else graded
    if not theirs:
        return graded
    return [stream(SUBMITTED), *theirs, stream(GRADED), *graded]


def _shown(outputs: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what a reader sees of outputs: without execution counts, streams joined."""
    shown: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream":
            if shown and shown[-1][0] == output["name"]:
                shown[-1] = (output["name"], shown[-1][1] + output["text"])
            else:
                shown.append((output["name"], output["text"]))
        elif output["output_type"] == "error":
            shown.append(("error", output["ename"], output["evalue"]))
        else:
            shown.append(("data", output["data"]))
    return shown
