"""Outputs of cells as the few things a page shows: text, an error, a checked picture, or a note.

Nothing that a browser would interpret is passed on: HTML, SVG, JavaScript, LaTeX, widgets and Markdown outputs are
shown by their plain-text twin, or named in a note. Text is bounded by output and by cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.notebooks.png import ImageRefused
from autograder.pages.png import Image, image_from_notebook
from autograder.pages.text import clean, clean_line, plural, without_home

TEXT_LIMIT = 20_000
OUTPUTS_LIMIT = 40  # shown of one cell
FOLD_LINES = 24  # longer texts are folded
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_NAMES = {
    "text/html": "HTML",
    "image/svg+xml": "an SVG drawing",
    "image/jpeg": "a JPEG picture",
    "application/javascript": "JavaScript",
    "application/vnd.jupyter.widget-view+json": "a widget",
}


@dataclass(frozen=True)
class Block:
    """One output on the page."""

    kind: Literal["text", "warning", "error", "image", "note"]
    text: str = ""
    heading: str = ""  # of an error: its type and message
    image: Image | None = None

    @property
    def long(self) -> bool:
        return self.text.count("\n") > FOLD_LINES or len(self.text) > 120 * FOLD_LINES

    @property
    def size(self) -> str:
        return plural(self.text.count("\n") + 1, "line")


class ImageBudget:
    """Say how many bytes of pictures one page may still embed."""

    def __init__(self, byte_count: int = 12_000_000) -> None:
        self._left = byte_count

    def take(self, image: Image) -> bool:
        self._left -= len(image.uri)
        return self._left >= 0


def output_blocks(outputs: object, budget: ImageBudget, *, own_traceback: bool) -> tuple[Block, ...]:
    """Return what the page shows of a cell's outputs (nbformat dicts; untrusted).

    `own_traceback`: errors keep the traceback they were submitted with. Ours never do: their frames are the
    grader's, and the student's own lines are shown from the result instead.
    """
    if not isinstance(outputs, Sequence) or isinstance(outputs, (str, bytes)):
        return ()
    blocks: list[Block] = []
    for output in outputs[:OUTPUTS_LIMIT]:
        if isinstance(output, Mapping):
            block = _block(output, budget, own_traceback)
            if block and blocks and blocks[-1].kind == block.kind and block.kind in {"text", "warning"}:
                blocks[-1] = Block(block.kind, text=f"{blocks[-1].text}\n{block.text}"[: 2 * TEXT_LIMIT])
            elif block:
                blocks.append(block)
    if len(outputs) > OUTPUTS_LIMIT:
        blocks.append(Block("note", text=f"{plural(len(outputs) - OUTPUTS_LIMIT, 'more output')} not shown here"))
    return tuple(blocks)


def _block(output: Mapping[str, object], budget: ImageBudget, own_traceback: bool) -> Block | None:
    kind = output.get("output_type")
    if kind == "stream":
        text = _text(output.get("text"))
        return Block("warning" if output.get("name") == "stderr" else "text", text=text) if text else None
    if kind == "error":
        name, value = clean_line(output.get("ename"), 80) or "Error", clean_line(_joined(output.get("evalue")))
        frames = output.get("traceback")
        trace = _text([f"{part}\n" for part in frames if isinstance(part, str)]) if isinstance(frames, list) else ""
        return Block("error", heading=f"{name}: {value}" if value else name, text=trace if own_traceback else "")
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), Mapping):
        return _of_bundle(output["data"], budget)  # type: ignore[arg-type]  # a Mapping, checked just above
    return None


def _of_bundle(data: Mapping[str, object], budget: ImageBudget) -> Block | None:
    if "image/png" in data:
        try:
            image = image_from_notebook(data["image/png"])
        except ImageRefused as reason:
            return Block("note", text=f"A picture is not shown: {reason}.")
        if not budget.take(image):
            return Block("note", text="A picture is not shown: the pictures of this notebook are too large together.")
        return Block("image", image=image)
    text = _text(data.get("text/plain"))
    if text:
        return Block("text", text=text)
    kinds = sorted({_NAMES.get(str(kind), "something else") for kind in list(data)[:8]})
    return Block("note", text=f"An output is not shown: {', '.join(kinds)}.") if kinds else None


def _joined(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    return without_home(clean(_joined(value), TEXT_LIMIT)).strip("\n")


def same_outputs(left: Sequence[Block], right: Sequence[Block]) -> bool:
    """Return whether two lists of outputs read the same. Memory addresses do not count, nor do tracebacks."""
    return [_compared(block) for block in left] == [_compared(block) for block in right]


def _compared(block: Block) -> tuple[object, ...]:
    if block.kind == "error":
        return ("error", block.heading)
    return (block.kind, _ADDRESS.sub("0x", block.text).rstrip(), block.image)
