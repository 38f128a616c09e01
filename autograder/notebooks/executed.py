"""Write the executed notebook: the student's cells with the submitted outputs and ours, harmless to open.

nbgrader's formgrader renders `autograded/` notebooks without sanitising, in a session that may change grades
(SANDBOX.md's rule on autograded notebooks). So outputs hold text and checked PNG only, and Markdown cells
cannot become HTML: no tag, no active link, no MathJax command that makes one.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from autograder.notebooks.outputs import clean_outputs, stream
from autograder.notebooks.read import Cell, Notebook

SUBMITTED = "── output as handed in ──\n"
GRADED = "── output when graded ──\n"

_TAG_OPEN = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"(\]\(\s*<?|^\s{0,3}\[[^\]\n]*\]:\s*<?)([^\s)>]+)", re.MULTILINE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SAFE_SCHEMES = ("http:", "https:", "mailto:", "attachment:")
_MATH_COMMAND = re.compile(r"\\(?=(?:href|url|require|style|class|cssId|data|html\w*|includegraphics|unicode)\b)")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ZERO_WIDTH = "\u2060"  # WORD JOINER: invisible, and ends what would have become a tag


def executed_notebook(
    notebook: Notebook,
    ours: Mapping[int, Sequence[Mapping[str, Any]]],
    *,
    graded_by_hand: Collection[int] = (),
    metadata: Mapping[int, Mapping[str, Any]] | None = None,
) -> bytes:
    """nbformat 4.5 JSON of `notebook`.

    ours: outputs of the cells that ran, by position. A cell shows the submitted outputs and ours, each under a
    line that says which; where both are the same, or there is only one, just that. A cell in `graded_by_hand`
    shows the submitted outputs first in any case. metadata: metadata of cells by position (nbgrader's, from the
    release); none is taken over from the submission but tags.
    """
    ids: set[str] = set()
    cells = [_cell(cell, ours.get(cell.index), cell.index in graded_by_hand, ids) for cell in notebook.cells]
    for cell, written in zip(notebook.cells, cells, strict=True):
        written["metadata"].update(metadata.get(cell.index, {}) if metadata else {})
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def harmless_markdown(text: str) -> str:
    """Markdown that no renderer turns into an HTML tag or an active link; it reads the same."""
    text = _LINK.sub(lambda found: found[1] + (found[2] if _is_safe_link(found[2]) else "#"), text)
    return _MATH_COMMAND.sub("", _TAG_OPEN.sub(f"<{_ZERO_WIDTH}", text))


def _is_safe_link(target: str) -> bool:
    # Renderers decode entities and browsers drop control characters and spaces before they look for the scheme.
    plain = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]|\\", "", html.unescape(html.unescape(target)))
    scheme = _SCHEME.match(plain)
    return scheme is None or scheme[0].lower() in _SAFE_SCHEMES


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
    written["source"] = harmless_markdown(cell.source)
    if cell.attachments:
        written["attachments"] = {name: {"image/png": image} for name, image in cell.attachments.items()}
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
    """What a reader sees of outputs: without execution counts, streams joined."""
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
