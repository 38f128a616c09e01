"""Gradescope: "Export submissions".

    assignment_{id}_export/submission_metadata.yml
    assignment_{id}_export/submission_{id}/{path as uploaded}

The YAML, written by Ruby, says who (`:email:`, `:sid:`; a `:name:` identifies nobody) and when (`:created_at:`, UTC).
It is read without types (a bare 0123 stays 0123), one submission at a time, and only the lines that are needed:
results are left out before anything is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from autograder.submissions.layouts.base import (
    Batch,
    HandIn,
    LeftOver,
    Owner,
    Reading,
    Unit,
    files_of,
    find_owner,
    merge_owners,
)
from autograder.submissions.listing import FileRefused
from autograder.submissions.receipt import NO_RECEIPT, Clock, Receipt, read_time

METADATA = "submission_metadata.yml"
_EXPORT = re.compile(r"assignment_\d+_export", re.IGNORECASE)
_UNIT = re.compile(r"submission_\d+")
_KEY = re.compile(r":?(submission_\d+):\s*")
_NONE = ("", "null", "~", "nil")
_MOST_BYTES = 64 << 20
_MOST_OF_ONE = 64 << 10  # bytes of one submission's lines


@dataclass(frozen=True)
class GradescopeSubmission:
    """Hold what the metadata say of one submission. submitters: of each, key without colon -> text."""

    submitters: tuple[Mapping[str, str], ...]
    created_at: str


class Gradescope:
    name = "gradescope"
    title = "Gradescope"

    def ends(self, batch: Batch) -> list[int | None]:
        listed = any(map(is_metadata, batch.units)) or any(map(_EXPORT.fullmatch, batch.wrappers))
        return [len(unit.name) if listed and _fits(unit) else None for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        known: dict[str, GradescopeSubmission] = {}
        for unit in filter(is_metadata, batch.units):
            try:
                known = read_metadata(unit.entries[0].read() if unit.entries[0].size <= _MOST_BYTES else None)
            except (FileRefused, ValueError) as error:
                reading.left_over.append(
                    LeftOver(unit.name, f"Gradescope's list of submitters cannot be read: {error}")
                )
        for unit in batch.units:
            if _fits(unit):
                reading.hand_ins.append(_hand_in(unit, known.get(unit.name), batch))
        return reading


def _fits(unit: Unit) -> bool:
    return unit.folder and _UNIT.fullmatch(unit.name) is not None


def is_metadata(unit: Unit) -> bool:
    return not unit.folder and unit.name == METADATA and bool(unit.entries)


def read_metadata(data: bytes | None) -> dict[str, GradescopeSubmission]:
    """Return submissions by the name of their folder. Raises ValueError if the file is too large."""
    if data is None:
        raise ValueError(f"found more than {_MOST_BYTES >> 20} MiB, expected less")
    found = {}
    for name, text in _documents(data.decode("utf-8", "replace")):
        try:
            value = YAML(typ="base", pure=True).load(text)
        except (YAMLError, ValueError, RecursionError):
            continue  # this one stays without an owner
        if isinstance(value, dict):
            found[name] = _submitted(value)
    return found


def _documents(text: str) -> Iterator[tuple[str, str]]:
    """Yield each submission's name and the lines of its submitters and time, as a YAML document of its own."""
    name, wanted, size = "", False, 0
    lines: list[str] = []
    for line in text.split("\n"):
        if line and not line[0].isspace():
            if name:
                yield name, "\n".join(lines)
            found = _KEY.fullmatch(line.replace('"', "").replace("'", ""))
            name, lines, wanted, size = (found[1] if found else ""), [], False, 0
            continue
        if re.match(r"  :?\w+:", line):
            wanted = re.match(r"  :?(submitters|created_at):", line) is not None
        if name and wanted and (size := size + len(line)) <= _MOST_OF_ONE:
            lines.append(line)
    if name:
        yield name, "\n".join(lines)


def _submitted(value: Mapping[Any, Any]) -> GradescopeSubmission:
    plain = {str(key).lstrip(":"): item for key, item in value.items()}
    people = plain.get("submitters")
    submitters = []
    for person in people if isinstance(people, list) else []:
        if isinstance(person, dict):
            submitters.append({str(k).lstrip(":"): v.strip() for k, v in person.items() if isinstance(v, str)})
    created = plain.get("created_at")
    return GradescopeSubmission(tuple(submitters), created if isinstance(created, str) else "")


def _hand_in(unit: Unit, submitted: GradescopeSubmission | None, batch: Batch) -> HandIn:
    receipt: Receipt = NO_RECEIPT
    if submitted is not None and submitted.created_at:
        receipt = read_time(submitted.created_at, "Gradescope's metadata", Clock(UTC))
    return HandIn(
        layout="gradescope",
        source=unit.name,
        owner=_whose(unit.name, submitted, batch),
        files=files_of(unit),
        refused=unit.refused,
        skipped=unit.skipped,
        receipt=receipt,
        number=batch.number,
    )


def _whose(name: str, submitted: GradescopeSubmission | None, batch: Batch) -> Owner:
    if submitted is None:
        return Owner(name, None, f"{METADATA} says nothing of {name}: a person must say whose it is")
    if not submitted.submitters:
        return Owner(name, None, f"{METADATA} names nobody for {name}: a person must say whose it is")
    owners = [_person(person, batch) for person in submitted.submitters]
    owner = merge_owners(name, owners)
    strangers = [one.why for one in owners if one.match is None]
    if owner.match is not None and strangers:
        return Owner(name, owner.match, note=f"one of its submitters is unknown: {strangers[0]}")
    return owner


def _person(person: Mapping[str, str], batch: Batch) -> Owner:
    asked = [(kind, person[kind]) for kind in ("email", "sid") if person.get(kind, "null").lower() not in _NONE]
    if not asked:
        return Owner("", None, "a submitter has neither an e-mail address nor an sid")
    return merge_owners(asked[0][1], [find_owner(batch.roster, kind, value, "Gradescope") for kind, value in asked])
