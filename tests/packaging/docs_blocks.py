"""The code blocks of the documentation: where each stands, and what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md"), *ROOT.glob("examples/*.md"), ROOT / "README.md"]
)
_ITEM = re.compile(r"\s*([-*]|\d+\.) ")


@dataclass(frozen=True)
class Block:
    """page: the page's path in the repository; line: of its first line; language: "" for an indented block."""

    page: str
    line: int
    language: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def key(self) -> tuple[str, str]:
        """The page and the first line, up to a remark: what a table of blocks names one by, since lines move."""
        first = self.text.split("\n", 1)[0]
        return Path(self.page).name, re.split(r"\s{3,}# |\s{3,}(?=# )", first)[0] if first.strip() == first else first


def blocks() -> Iterator[Block]:
    """Fenced blocks and indented ones, of all pages; what is indented below an item of a list is its text."""
    for path in PAGES:
        page = str(path.relative_to(ROOT))
        lines = path.read_text(encoding="utf-8").splitlines()
        place = 0
        while place < len(lines):
            line = lines[place]
            if line.startswith("```"):
                end = lines.index("```", place + 1)
                yield Block(page, place + 2, line[3:].strip() or "text", "\n".join(lines[place + 1 : end]))
                place = end
            elif line.startswith("    ") and (place == 0 or not lines[place - 1].strip()):
                end = place
                while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                    end += 1
                if not _in_a_list(lines, place):
                    yield Block(page, place + 1, "", "\n".join(text[4:] for text in lines[place:end]).rstrip())
                place = end - 1
            place += 1


def _in_a_list(lines: list[str], place: int) -> bool:
    above = next((text for text in reversed(lines[:place]) if text.strip() and not text.startswith("    ")), "")
    return bool(_ITEM.match(above))
