"""From paths to submissions: who handed in which file when, and what else came in.

Theory of operation
===================

    paths -> batches -> layout -> hand-ins -> one hand-in a student -> notebook, files, time

1. `batches`: the files under each path, archives opened, as the outermost components that the channel wrote (units).
2. `layouts.choose`: one layout for a whole batch; the layout turns units into hand-ins, each with an owner (whom the
   channel names, looked up in the roster by the channel's own kind of name), its files and its time of receipt.
3. `choice`: which notebook of a hand-in is graded for which assignment.
4. `latest`: of several hand-ins of one student or group the latest counts.

Nothing that a student chose says whose a hand-in is or when it came in: names inside the platform's part, files,
metadata. Everything that came in ends in a submission, or in what is left over; nobody's work disappears silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from autograder.course.course import Assignment, Course
from autograder.course.releases import load_releases
from autograder.course.roster import Roster
from autograder.course.submission_rules import NO_RULES, SubmissionRules
from autograder.submissions.artifacts import Artifact, find_artifacts
from autograder.submissions.batches import RawBatch
from autograder.submissions.choice import Choice, Chooser
from autograder.submissions.given import batches_of, placed, places
from autograder.submissions.latest import Candidate, one_for_each
from autograder.submissions.layouts.base import Batch, HandIn, LeftOver
from autograder.submissions.layouts.choose import read_batch
from autograder.submissions.layouts.nbgrader import is_collected
from autograder.submissions.listing import FileRefused, folded, shown
from autograder.submissions.receipt import Clock, Receipt, infer_order
from autograder.submissions.submission import Submission, SubmissionError
from autograder.submissions.wanted import Wanted, rank_of_names
from autograder.submissions.worksheet import NO_WORKSHEET, Worksheet

__all__ = ["Intake", "Submission", "SubmissionError", "Wanted", "find_submissions", "take_in", "wanted_of"]


@dataclass(frozen=True)
class Intake:
    """Hold what came in. layouts: (path, title of its layout), in the order of the paths."""

    submissions: tuple[Submission, ...]
    left_over: tuple[LeftOver, ...] = ()
    notes: tuple[str, ...] = ()
    layouts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Request:
    """Hold what to look for, and how. only: the one assignment that is graded, or None. layout: as a person said, or
    ""."""

    wanted: tuple[Wanted, ...]
    roster: Roster
    only: str | None = None
    rules: SubmissionRules = NO_RULES
    clock: Clock = Clock()  # noqa: RUF009  # immutable
    worksheet: Worksheet = NO_WORKSHEET
    layout: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.wanted)


def wanted_of(course: Course) -> tuple[Wanted, ...]:
    """Return what a course's assignments ask for."""
    return tuple(Wanted(a.name, a.artifacts, _releases(a), a.released) for a in course.assignments)


def _releases(assignment: Assignment) -> Callable[[], frozenset[str]]:
    @cache
    def ids() -> frozenset[str]:
        return frozenset(entry.release for entry in load_releases(assignment.releases_path).entries)

    return ids


def find_submissions(
    path: Path | str, *, assignments: Sequence[str], roster: Roster, assignment: str | None = None
) -> list[Submission]:
    """Return all submissions under one path, ordered by source; see `take_in`, which is told more."""
    request = Request(tuple(map(Wanted, assignments)), roster, assignment)
    return list(take_in([Path(path)], request).submissions)


def take_in(paths: Sequence[Path], request: Request) -> Intake:
    """Return everything under the paths. Raises SubmissionError if one of them is not there.

    Of several hand-ins of one subject for one assignment the latest is graded, whichever path it lies under; the others
    carry a problem. With `only`, hand-ins whose place names another assignment are passed over, and those whose place
    names none are taken for it.
    """
    candidates: list[Candidate] = []
    left_over: list[LeftOver] = []
    notes: list[str] = []
    layouts: list[tuple[str, str]] = []
    batches = _batches(paths, request)
    clock = _clock(batches, request)
    apart = places(batches)
    for number, path, raw in batches:
        batch = _batch(placed(raw, apart[number]), number, clock, request)
        layout, reading = read_batch(batch, request.layout)
        if batch.units:
            layouts.append((shown(str(path)), layout.title))
        notes += reading.notes
        if raw.skipped:
            notes.append(f"not looked into, since programs leave such files and folders: {_names(raw)}")
        place = apart[number]
        around = "/".join((*filter(None, [place]), *raw.wrappers))
        left_over += [replace(one, source=shown(f"{around}/{one.source}".strip("/"))) for one in reading.left_over]
        placed_here = [
            replace(one, assignment=one.assignment or raw.assignment, place=place) for one in reading.hand_ins
        ]
        candidates += _candidates(placed_here, request)
    submissions = one_for_each(candidates)
    if not submissions and not left_over:
        submissions = [_empty(path) for path in paths]
    return Intake(
        tuple(sorted(submissions, key=lambda one: (one.source, one.assignment, one.sha256))),
        tuple(left_over), tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(layouts)),
    )  # fmt: skip


def _batches(paths: Sequence[Path], request: Request) -> list[tuple[int, Path, RawBatch]]:
    try:
        return batches_of(
            paths,
            request.roster,
            request.names,
            lambda raw: _batch(raw, 0, request.clock, request),
            rank_of_names(request.wanted),
        )
    except FileRefused as error:
        raise SubmissionError(str(error)) from error


def _names(raw: RawBatch) -> str:
    names = [one.source for one in raw.skipped]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _batch(raw: RawBatch, number: int, clock: Clock, request: Request) -> Batch:
    released = {f"{name}.ipynb" for name in request.names}
    for one in request.wanted:
        released.update(one.artifacts or ())
    return Batch(
        units=tuple(sorted(raw.units, key=lambda unit: unit.name)), roster=request.roster,
        assignments=request.names, wrappers=raw.wrappers,
        assignment=raw.assignment, released=frozenset(map(folded, released)), rules=request.rules, clock=clock,
        worksheet=request.worksheet, number=number,
    )  # fmt: skip


def _clock(batches: Sequence[tuple[int, Path, RawBatch]], request: Request) -> Clock:
    """Return the clock, with the order of day and month that course.yaml says or the dates of this run show."""
    order = request.rules.date_order
    if order:
        return replace(request.clock, order=order)
    stamps = [text for _, _, raw in batches for text in _stamps(raw, request.names)]
    stamps += [row.received for row in request.worksheet.rows.values()]
    inferred = infer_order(stamps)
    return replace(request.clock, order=inferred, inferred=bool(inferred))


def _stamps(raw: RawBatch, assignments: Sequence[str]) -> Iterator[str]:
    """Yield the texts of the time stamps of a collected tree."""
    if not is_collected(raw.units, raw.wrappers, assignments):
        return
    for unit in raw.units:
        for entry in unit.entries:
            at_place = len(entry.parts) == unit.depth + 2 and not entry.archives
            if at_place and entry.name == "timestamp.txt" and entry.size <= 1000:
                try:
                    yield entry.read().decode("utf-8", "replace")
                except FileRefused:
                    continue


def _candidates(hand_ins: Sequence[HandIn], request: Request) -> list[Candidate]:
    """Return what a batch's hand-ins are for each assignment.

    Where all notebooks of the batch are of one assignment, whoever handed in something else did so for that one.
    """
    chosen = [(h, choice) for h in hand_ins for choice in Chooser(h, request.wanted, request.only).choices()]
    assignments = {choice.assignment for _, choice in chosen} - {""}
    if len(assignments) == 1:
        [name] = assignments
        known = {_subject(hand_in) for hand_in, choice in chosen if choice.assignment}

        def is_stray(hand_in: HandIn) -> bool:  # beside a student's folders of assignments
            return hand_in.layout == "nbgrader" and _subject(hand_in) in known

        chosen = [
            (h, replace(c, assignment=name) if c.nothing and not (c.assignment or is_stray(h)) else c)
            for h, c in chosen
        ]
    return [Candidate(_submission(hand_in, choice, request), hand_in) for hand_in, choice in chosen]


def _subject(hand_in: HandIn) -> str:
    """Return whose a hand-in is, by the id of the student or group, or an id that means nobody."""
    return hand_in.owner.match.subject if hand_in.owner.match is not None else _unmatched(hand_in)


def _submission(hand_in: HandIn, choice: Choice, request: Request) -> Submission:
    owner, receipt = hand_in.owner, hand_in.receipt
    flags = [text for text in (owner.note, receipt.note, *hand_in.notes) if text]
    if owner.match is None:
        flags.insert(0, f"nobody in the roster matched {shown(hand_in.where)!r}: {owner.why}")
    source, digest = choice.source, hashlib.sha256(hand_in.where.encode("utf-8", "replace")).hexdigest()
    artifacts: dict[str, Artifact] = {}
    read: Callable[[], bytes] = bytes
    if choice.notebook is not None:
        entry = choice.notebook.entry
        wanted = next(one for one in request.wanted if one.name == choice.assignment)
        source, digest, read = entry.source, choice.sha256, entry.read
        artifacts, told = find_artifacts(hand_in.files, choice.notebook, wanted.artifacts)
        flags += told
    flags += [f"{refused.source}: {refused.message}" for refused in hand_in.refused[:5] if choice.notebook is not None]
    flags += _too_early(receipt, choice, request)
    match = owner.match
    return Submission(
        subject=_subject(hand_in),
        members=match.members if match is not None else (),
        matched=match is not None,
        assignment=choice.assignment,
        source=source,
        sha256=digest,
        received_at=receipt.when,
        artifacts=artifacts,
        problem=choice.problem,
        set_aside=choice.set_aside,
        layout=hand_in.layout,
        how=receipt.how,
        flags=tuple(dict.fromkeys(map(shown, flags))),
        notices=choice.notices,
        beside=_beside(hand_in, source),
        _read=read,
    )


def _too_early(receipt: Receipt, choice: Choice, request: Request) -> list[str]:
    """Return what to tell of a time before the assignment was released."""
    released = next((one.released for one in request.wanted if one.name == choice.assignment), None)
    if receipt.when is None or released is None or receipt.when >= released:
        return []
    return [f"received {receipt.when:%Y-%m-%d %H:%M} UTC, before the assignment was released: see {receipt.how}"]


def _beside(hand_in: HandIn, source: str) -> tuple[str, ...]:
    """Return where the other files of a hand-in are: those that were not used, and those not opened."""
    files = [file.entry.source for file in hand_in.files] + [one.source for one in (*hand_in.refused, *hand_in.skipped)]
    return tuple(dict.fromkeys(file for file in files if file != source))


def _unmatched(hand_in: HandIn) -> str:
    """Return an id for somebody whom the roster does not have: the same in every run over the same download."""
    key = f"{hand_in.layout}/{hand_in.owner.key or hand_in.source}"
    return f"unmatched-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _empty(path: Path) -> Submission:
    name = shown(path.name) or "."
    problem = f"{name}: found no notebook, expected at least one .ipynb file"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Submission(f"unmatched-{digest[:8]}", (), False, "", name, digest, problem=problem)
