"""Foreign notebooks as plain JSON, with sources as text, and what of them no notebook here can hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.exchange.legacy.model import ForeignAssignment, ImportFailed

# Cell magics whose body is ordinary code of the notebook: the magic goes, the code stays.
_TRANSPARENT = ("time", "timeit", "capture", "prun", "debug")
_MAGIC = re.compile(r"^\s*%%(\w+|!)")
_OTTERS_OWN = re.compile(
    r"^(import otter|from otter import .*|\w+ = otter\.Notebook\(.*\)|grader\.(check_all|export|to_pdf)\(.*\)|"
    r"%pip install .*otter.*|!pip install .*otter.*|# Initialize Otter.*|# Save your notebook first.*)$"
)


@dataclass
class ForeignCell:
    """kind: code, markdown or raw. outputs: as saved. index: from 0."""

    index: int
    kind: str
    source: str
    metadata: dict[str, Any]
    outputs: list[dict[str, Any]]


def read_foreign(path: Path) -> list[ForeignCell]:
    """Return the cells of a Python notebook of nbformat 4. Raises ImportFailed."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = [
            ForeignCell(index, str(raw["cell_type"]), text_of(raw.get("source", "")), dict(raw.get("metadata", {})),
                        list(raw.get("outputs", [])))
            for index, raw in enumerate(document["cells"])
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImportFailed(
            f"{path}: cannot be read as a notebook of nbformat 4 ({type(error).__name__}: {error})"
        ) from error
    metadata = document.get("metadata", {})
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name", "python")
    if not str(language).lower().startswith(("python", "ipython")):
        raise ImportFailed(f"{path}: found a notebook in {language}, expected Python")
    return found


def text_of(value: Any) -> str:
    """Return a source or an output's text, which nbformat allows to be a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def runnable(draft: ForeignAssignment, where: str, source: str) -> str:
    """Return a code cell without what cannot be held in a master: cell magics, and cells that speak to otter."""
    source = without_leading_indent(source)
    magic = _MAGIC.match(source)
    if magic is not None:
        first, _, rest = source.partition("\n")
        if magic[1] not in _TRANSPARENT:
            draft.note(where, f"the magic `{first.strip()[:60]}` is not supported; the cell is left out")
            return ""
        draft.note(where, f"the magic `{first.strip()[:60]}` is left out; the code below it stays")
        source = rest
    lines = source.split("\n")
    kept = [line for line in lines if not _OTTERS_OWN.match(line.strip())]
    if len(kept) < len(lines):
        draft.note(where, "calls of otter's own client are left out; the visible checks stand in the notebook here")
    return "\n".join(kept).strip("\n")


def without_leading_indent(source: str) -> str:
    """Return a cell without the indentation of its first line, as IPython ran it before its version 9."""
    first = next((line for line in source.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line.removeprefix(indent) for line in source.split("\n")) if indent else source
