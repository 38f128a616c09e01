"""The keys of quizzes, and which key is a notebook's own: what was right depends on what was asked.

A quiz is a row of blanks that start as `None`. What is asked stands in the Markdown cell before the blank; where one
cell holds several blanks, each part of that Markdown begins with a number in bold (`**Prediction 2.** …`).

The master says what is right today. A course that changes the order of the choices changes the key with it, and
notebooks of earlier releases ask in the old order. So each release keeps the key of its own words (`releases.json`):
`autograder release` writes it down for every release that asks in the master's words, and an earlier release that asks
in others keeps what it had. A key that was wrong is put right in the master: all who were asked in these words profit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.course.releases import ReleasedCell, ReleaseDescriptor, Releases

_BLANK = re.compile(r"^([A-Za-z_]\w{0,63})\s*=\s*None\b", re.MULTILINE | re.ASCII)
_NUMBERED = re.compile(r"^\*\*[^*\n]*?\b(\d+)\b[^*\n]*\*\*", re.MULTILINE)
_FOLDED = re.compile(r"^<details>", re.MULTILINE)


def asked_items(cells: Sequence[ReleasedCell]) -> Iterator[tuple[str, str, str]]:
    """Yield grade_id, name of the blank and what is asked (Markdown, without folded hints) of each item of a quiz."""
    before = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            before = cell.source
            continue
        names = _BLANK.findall(cell.source) if cell.grade_id else []
        for name in names:
            text = _part(before, name) if len(names) > 1 else before
            folded = _FOLDED.search(text)
            yield cell.grade_id, name, text[: folded.start()] if folded else text
        before = ""


def _part(text: str, name: str) -> str:
    """Return the part of a Markdown cell that is about the blank whose name ends in this part's number."""
    starts = list(_NUMBERED.finditer(text))
    for here, after in zip(starts, [*starts[1:], None], strict=True):
        if name.endswith(f"_{here[1]}"):
            return text[here.start() : after.start() if after else len(text)]
    return ""


def typed_answer(source: str, name: str) -> str:
    """Return what a notebook's or master's text assigns to a blank last, as it was typed; "" where it does not."""
    lines = re.findall(rf"^{re.escape(name)}[ \t]*(?::[^=\n]*)?=(?!=)[ \t]*(.*)$", source, re.MULTILINE)
    return lines[-1].strip() if lines else ""


def written_key(cells: Sequence[ReleasedCell], master: str) -> dict[str, str]:
    """Return name -> literal of every item whose answer the master's text has as a literal."""
    found = {}
    for _, name, _ in asked_items(cells):
        try:
            value = ast.literal_eval(typed_answer(master, name))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue  # computed: the master's own value holds for all
        if value is not None:
            found[name] = repr(value)
    return found


def with_keys(releases: Releases) -> Releases:
    """Return the releases, each with the newest one's answers to what it asks in the same words."""
    newest = releases.newest
    if newest is None:
        return releases
    asked = _asked(newest)
    entries = []
    for entry in releases.entries:
        words = _asked(entry)
        same = {name: answer for name, answer in newest.key.items() if words.get(name) == asked[name]}
        entries.append(replace(entry, key={**entry.key, **same}))
    return Releases(tuple(entries))


def own_key(release: ReleaseDescriptor | None, newest: ReleaseDescriptor | None) -> tuple[dict[str, Any], list[str]]:
    """Return the answers that are right in a release although the newest asks otherwise; and items without a known one.

    The first result is empty for the newest release: there the master says what is right.
    """
    if release is None or newest is None or release.release == newest.release:
        return {}, []
    now = _asked(newest)
    others = [name for name, words in _asked(release).items() if now.get(name) != words]
    known = {name: ast.literal_eval(release.key[name]) for name in others if name in release.key}
    return known, [name for name in others if name in newest.key and name not in release.key]


def _asked(release: ReleaseDescriptor) -> Mapping[str, str]:
    return {name: " ".join(text.split()) for _, name, text in asked_items(release.cells)}
