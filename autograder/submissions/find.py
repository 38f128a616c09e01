"""Find what students handed in: a notebook, a folder of notebooks, an nbgrader tree, a platform's export, a zip.

Everything found becomes one Submission; what cannot be graded becomes one too, with a problem that
says why, so that nobody's work disappears silently. Nothing in a notebook decides who gets the credit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from autograder.notebooks.untrusted_json import UntrustedJsonError, parse
from autograder.records import SubmissionInfo
from autograder.submissions.archives import Entry, FileRefused, Listing, list_files, shown, walk
from autograder.submissions.beside import NO_ARTIFACTS, Artifact, find_artifacts, named_artifact, received_at
from autograder.submissions.layouts import Claim, named_assignment, read_layout

MAX_NOTEBOOK = 32 << 20  # bytes


class SubmissionError(Exception):
    """What was given to `grade` is not there, or a file changed while it was graded; the message says which."""


class Match(Protocol):
    @property
    def subject(self) -> str: ...
    @property
    def members(self) -> tuple[str, ...]: ...


class Matcher(Protocol):
    """What is used of the roster."""

    def match(self, key: str) -> Match | None: ...


@dataclass(frozen=True)
class Submission:
    """One notebook as handed in.

    subject: opaque id of the student or group, or `unmatched-` and eight digits of the notebook's hash.
    source: where it was found, relative to what was given to `grade`, safe to print.
    received_at: from the channel, in UTC; None where the channel does not say.
    problem: why it cannot be graded, for the student and the TA; empty where it can be tried.
    superseded_by: source of the submission that counts for the same subject and assignment; empty for the one that
    counts, of which there is exactly one.
    """

    subject: str
    members: tuple[str, ...]
    matched: bool
    assignment: str
    source: str
    sha256: str
    received_at: datetime | None = None
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    problem: str = ""
    superseded_by: str = ""
    _read: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)

    @property
    def info(self) -> SubmissionInfo:
        """What goes into the evidence."""
        return SubmissionInfo(
            subject=self.subject,
            members=self.members,
            matched=self.matched,
            source=self.source,
            received_at=self.received_at,
            notebook_sha256=self.sha256,
            artifacts={name: artifact.sha256 for name, artifact in self.artifacts.items()},
        )

    @property
    def notebook(self) -> bytes:
        """The notebook's bytes, read anew each time so that a class's notebooks need not fit into memory.

        Raises SubmissionError where they are no longer those that were found.
        """
        try:
            data = self._read()
        except FileRefused as error:
            raise SubmissionError(f"{self.source}: {error}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SubmissionError(f"{self.source}: the file changed since it was found; start again")
        return data

    def files(self, names: Sequence[str]) -> dict[str, bytes]:
        """Those artifacts among `names` that were handed in, by those names, read anew. Raises SubmissionError.

        A browser's or a platform's second copy, `weights (1).safetensors`, stands for the name where that is missing.
        """
        found = {}
        for name in names:
            artifact = named_artifact(self.artifacts, name)
            if artifact is None:
                continue
            try:
                data = artifact.read()
            except FileRefused as error:
                raise SubmissionError(f"{self.source}: {artifact.name}: {error}") from error
            if hashlib.sha256(data).hexdigest() != artifact.sha256:
                raise SubmissionError(f"{self.source}: {artifact.name} changed since it was found; start again")
            found[name] = data
        return found


def find_submissions(
    path: Path | str, *, assignments: Sequence[str], roster: Matcher, assignment: str | None = None
) -> list[Submission]:
    """All submissions under `path`, ordered by source; see the module's text.

    assignments: names of the course's assignments. assignment: grade only this one; a notebook whose place names
    another is passed over, one whose place names none is taken for it. Of several notebooks of one subject for one
    assignment the latest is graded and the others carry a problem. Raises SubmissionError where `path` is not there.
    """
    path = Path(path)
    try:
        listing = _listed(path, assignments)
    except FileRefused as error:
        raise SubmissionError(str(error)) from error
    finder = _Finder(path, listing, assignments, roster, assignment)
    found = finder.notebooks()
    found += [finder.refused(item.source, item.message) for item in listing.refused if finder.matters(item.source)]
    if not found:
        found = [finder.refused(shown(path.name) or ".", "found no notebook, expected at least one .ipynb file")]
    return sorted(_latest(found), key=lambda submission: (submission.source, submission.sha256))


def _listed(path: Path, assignments: Sequence[str]) -> Listing:
    """The files under `path`; for one notebook of an nbgrader tree also its time stamp and artifacts beside it."""
    listing = list_files(path)
    if len(listing.entries) != 1 or path.is_dir() or path.absolute().parent.name not in assignments:
        return listing
    beside = list_files(path.parent).entries
    kept = [e for e in beside if len(e.parts) == 1 and not e.name.lower().endswith(NO_ARTIFACTS)]
    return Listing((*listing.entries, *kept), listing.refused)


@dataclass(frozen=True)
class _Candidate:
    submission: Submission
    rank: tuple[object, ...]  # of several for one subject and assignment the greatest is graded


class _Finder:
    def __init__(
        self, path: Path, listing: Listing, assignments: Sequence[str], roster: Matcher, only: str | None
    ) -> None:
        self._assignments = assignments
        self._roster = roster
        self._only = only
        self._context = _folders_above(path)
        self._folders: dict[tuple[str, ...], list[Entry]] = {}
        for entry in walk(listing):
            self._folders.setdefault(entry.parts[:-1], []).append(entry)

    def notebooks(self) -> list[_Candidate]:
        found = []
        for entries in self._folders.values():
            for entry in entries:
                if entry.name.lower().endswith(".ipynb"):
                    candidate = self._candidate(entry, entries)
                    if candidate is not None:
                        found.append(candidate)
        return found

    def matters(self, source: str) -> bool:
        """Whether a refused file could have been a submission: not one of the hundred files of a data folder."""
        name = source.rpartition("/")[2].lower()
        return name.endswith((".ipynb", ".zip")) or "." not in name or "ipynb" in name

    def refused(self, source: str, message: str) -> _Candidate:
        digest = hashlib.sha256(source.encode()).hexdigest()
        parts = tuple(part for part in source.split("/") if part)
        claim = read_layout(parts, self._assignments, self._context, stem_counts=len(parts) == 1)
        match = self._match(claim)
        return self._make(source, claim, match, claim.assignment or self._only or "", digest, f"{source}: {message}")

    def _candidate(self, entry: Entry, beside: Sequence[Entry]) -> _Candidate | None:
        peers = sum(other.name.lower().endswith(".ipynb") for other in beside)
        flat = len(entry.parts) == 1 or (peers > 1 and not entry.from_student_zip)
        claim = read_layout(
            entry.parts, self._assignments, self._context, stem_counts=flat, by_student=entry.from_student_zip
        )
        if self._only is not None and claim.assignment not in ("", self._only):
            return None
        match = self._match(claim)
        try:
            data = self._bytes(entry)
        except FileRefused as error:
            digest = hashlib.sha256(entry.source.encode()).hexdigest()
            message = f"{entry.source}: {error}"
            return self._make(entry.source, claim, match, claim.assignment or self._only or "", digest, message)
        digest = hashlib.sha256(data).hexdigest()
        assignment = self._only or claim.assignment or self._assignment_inside(data)
        problem = ""
        if not assignment:
            problem = (
                f"{entry.source}: cannot tell which assignment this is, expected one of "
                f"{', '.join(self._assignments)} in its name or folder; name it with --assignment"
            )
        exchange = claim.nbgrader and (match is None or match == self._roster.match(claim.keys[-1]))
        received = received_at(beside) if exchange else None
        artifacts = {} if flat and not claim.nbgrader else find_artifacts(beside)
        rank = (
            not problem,
            received is not None,
            received or datetime.min,
            bool(named_assignment(entry.name, [assignment])) if assignment else False,
            entry.modified or datetime.min,
            entry.parts,
        )
        made = self._make(entry.source, claim, match, assignment, digest, problem, received, artifacts, entry.read)
        return _Candidate(made.submission, rank)

    def _make(
        self,
        source: str,
        claim: Claim,
        match: Match | None,
        assignment: str,
        digest: str,
        problem: str,
        received: datetime | None = None,
        artifacts: Mapping[str, Artifact] | None = None,
        read: Callable[[], bytes] = bytes,
    ) -> _Candidate:
        submission = Submission(
            subject=match.subject if match is not None else f"unmatched-{digest[:8]}",
            members=match.members if match is not None else (),
            matched=match is not None,
            assignment=assignment,
            source=source,
            sha256=digest,
            received_at=received,
            artifacts=artifacts or {},
            problem=problem,
            _read=read,
        )
        return _Candidate(submission, (False, source))

    def _match(self, claim: Claim) -> Match | None:
        return next((match for key in claim.keys if (match := self._roster.match(key)) is not None), None)

    def _bytes(self, entry: Entry) -> bytes:
        if entry.size > MAX_NOTEBOOK:
            raise FileRefused(
                f"found {entry.size >> 20} MiB, expected at most {MAX_NOTEBOOK >> 20} MiB; clear large outputs and save"
            )
        return entry.read()

    def _assignment_inside(self, data: bytes) -> str:
        """What the notebook's metadata says; credit does not hang on it, only which tests are run."""
        if len(self._assignments) == 1:
            return self._assignments[0]
        try:
            document = parse(data).value
        except UntrustedJsonError:
            return ""
        metadata = document.get("metadata") if isinstance(document, dict) else None
        ours = metadata.get("autograder") if isinstance(metadata, dict) else None
        named = ours.get("assignment") if isinstance(ours, dict) else None
        return named if isinstance(named, str) and named in self._assignments else ""


def _latest(found: Iterable[_Candidate]) -> list[Submission]:
    """All of `found`, of which one for each subject and assignment counts; the others say which one."""
    groups: dict[tuple[str, str], list[_Candidate]] = {}
    for candidate in found:
        groups.setdefault((candidate.submission.subject, candidate.submission.assignment), []).append(candidate)
    submissions = []
    for candidates in groups.values():
        kept = max(candidates, key=lambda candidate: candidate.rank).submission
        for candidate in candidates:
            submission = candidate.submission
            if submission is not kept:
                message = submission.problem or f"{submission.source}: of this student, {kept.source} is graded instead"
                submission = replace(submission, problem=message, superseded_by=kept.source)
            submissions.append(submission)
    return submissions


def _folders_above(path: Path) -> tuple[str, ...]:
    """Names of the last two folders down to the given one: `submitted/alice/03_separable` alone is enough."""
    whole = path.absolute()
    return tuple(whole.parts[-2:]) if path.is_dir() else tuple(whole.parent.parts[-2:])
