"""What the renderers are told beside the result: who may see what, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Protocol

from autograder.course.course import Visibility

Output = Mapping[str, Any]
"""One output in nbformat's form. Untrusted: any key may be missing, any value of any type."""

OurOutputs = Mapping[int, Sequence[Output]] | Sequence[Sequence[Output] | None]
"""Outputs by cell index: a mapping, or a sequence with None for cells that were not run."""


class SubmittedCell(Protocol):
    """The little of a notebook cell that the page needs. Everything in it is untrusted."""

    @property
    def kind(self) -> str:
        """`code`, `markdown` or `raw`; anything else is shown as raw text."""

    @property
    def source(self) -> str: ...

    @property
    def outputs(self) -> Sequence[Output]: ...

    @property
    def attachments(self) -> Mapping[str, str]:
        """Pictures pasted into a Markdown cell: file name -> PNG in base64."""


class SubmittedNotebook(Protocol):
    @property
    def cells(self) -> Sequence[SubmittedCell]: ...


@dataclass(frozen=True)
class QuizItem:
    """One item of a quiz: the name of its blank, and what is asked in the released notebook's own words (Markdown).

    choices: letter -> text, empty where the answer is free; right: the right answer, "" where it is not known here.
    """

    name: str
    prompt: str
    choices: Mapping[str, str] = field(default_factory=dict)
    right: str = ""


@dataclass(frozen=True)
class FeedbackOptions:
    """Say how one student's page is rendered.

    `visibility` maps question ids to their setting in `course.yaml`; a question that is not named is `always`.
    `opens_at` is when questions that are `after_due` open: the latest deadline of anybody who may still hand in,
    not merely this student's. None means "not known", and then they stay closed. `now` None counts as before it.
    `items` are asked in the words of the newest release, `earlier_items` in those of earlier ones.
    `answers` says, in the same words, when the right answers to the items of a quiz are shown; a question that is not
    named never shows them. Times are shown in `zone`; None: in the zone that each of them has.
    """

    course: str = ""
    visibility: Mapping[str, Visibility] = field(default_factory=dict)
    opens_at: datetime | None = None
    now: datetime | None = None
    late_policy: str = ""  # one sentence for the student, e.g. "10 % of the points for each day begun."
    due: datetime | None = None  # the assignment's deadline; a result's own may be later
    grace_minutes: float = 0.0
    zone: tzinfo | None = None
    items: Mapping[str, Sequence[QuizItem]] = field(default_factory=dict)  # by question id
    earlier_items: Mapping[str, Mapping[str, Sequence[QuizItem]]] = field(default_factory=dict)  # by release id first
    answers: Mapping[str, Visibility] = field(default_factory=dict)
