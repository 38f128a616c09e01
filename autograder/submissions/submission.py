"""One submission, as everything after intake knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.records import SubmissionInfo
from autograder.submissions.artifacts import Artifact, named_artifact
from autograder.submissions.listing import FileRefused


class SubmissionError(Exception):
    """Say that what was given to `grade` is not there, or that a file changed while it was graded; the message says
    which."""


@dataclass(frozen=True)
class Submission:
    """One notebook as handed in, or what came in instead of one.

    subject: opaque id of the student or group, or `unmatched-` and eight digits of a hash of what the channel called
    whoever handed in. source: where it was found, relative to what was given to `grade`, safe to print.
    received_at: from the channel, in UTC; None if the channel does not say.
    problem: why it cannot be graded, for the student and the TA; empty where it can be tried.
    superseded_by: source of the submission that counts for the same subject and assignment; empty for the one that
    counts, of which there is exactly one.
    set_aside: it is not this assignment's work, and gets no grade and costs no attempt; `problem` says why.
    flags: for a person. notices: what the student should know about which file was taken.
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
    set_aside: bool = False
    layout: str = ""
    how: str = ""  # where the time of receipt stands
    flags: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()  # sources of the hand-in's other files, artifacts among them
    variant: str | None = None  # code of the personal variant, see SubmissionInfo
    _read: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)

    @property
    def info(self) -> SubmissionInfo:
        """Return what goes into the evidence."""
        return SubmissionInfo(
            subject=self.subject,
            members=self.members,
            matched=self.matched,
            source=self.source,
            received_at=self.received_at,
            notebook_sha256=self.sha256,
            artifacts={name: artifact.sha256 for name, artifact in self.artifacts.items()},
            flags=self.flags,
            notices=self.notices,
            variant=self.variant,
        )

    @property
    def notebook(self) -> bytes:
        """Return the notebook's bytes, read anew each time so that a class's notebooks need not fit into memory.

        Raises SubmissionError if they are no longer those that were found.
        """
        try:
            data = self._read()
        except FileRefused as error:
            raise SubmissionError(f"{self.source}: {error}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SubmissionError(f"{self.source}: the file changed since it was found; start again")
        return data

    def files(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return those artifacts among `names` that were handed in, by those names, read anew. Raises SubmissionError.

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
