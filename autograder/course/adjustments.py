"""adjustments.yaml: every decision of a person that changes a score after the tests have run.

The file lies beside course.yaml. Each entry says who decided, why and when, so that a grade can be explained a
year later. Entries are applied in the order of the file; of two that say different things about the same test or
question, the later one holds. `autograder.scoring.score` applies them; nothing here runs or reads student code.

    adjustments:
      - kind: drop_test               # the test leaves the denominator of its question
        assignment: 03_separable
        question: mobilenet
        test: test_shapes[odd]        # or test_shapes: with all its parameters
        who: anna
        why: the text does not say what happens for odd sizes
        when: 2026-10-20

Kinds: drop_test, reweight_test (`weight`), reweight_question (`points`), excuse (a question), points (`points` of one
question), extension (`until`), received_at (`at`: when the work came in, whatever the channel says), waive_late.
`students:` narrows an entry to some students or groups; excuse, drop_test, reweight_test and waive_late hold for
everyone without it, points, extension and received_at need it, and reweight_question must not have it: a question is
worth the same to everybody, in nbgrader's gradebook too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from autograder.course.course import Assignment, Course
from autograder.course.late_policy import aware
from autograder.course.yaml_sections import Section, did_you_mean, read_sections

FILE_NAME = "adjustments.yaml"


class _Decision(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    assignment: Annotated[str, Field(min_length=1)]
    who: Annotated[str, Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    when: date
    students: tuple[str, ...] = ()  # ids of students or groups; empty means everyone

    def concerns(self, names: Collection[str]) -> bool:
        """Return whether this entry holds for a submission by any of `names` (subject and members)."""
        return not self.students or any(name in names for name in self.students)


class _TestDecision(_Decision):
    question: Annotated[str, Field(min_length=1)]
    test: Annotated[str, Field(min_length=1)]

    def matches(self, question: str, test: str) -> bool:
        """Return whether this entry is about the test of that name: exactly, or with any parameters."""
        return self.question == question and self.test in (test, test.split("[", 1)[0])


class DropTest(_TestDecision):
    kind: Literal["drop_test"]


class ReweightTest(_TestDecision):
    kind: Literal["reweight_test"]
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ReweightQuestion(_Decision):
    kind: Literal["reweight_question"]
    question: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    students: tuple[()] = ()


class Excuse(_Decision):
    """The question leaves the denominator."""

    kind: Literal["excuse"]
    question: Annotated[str, Field(min_length=1)]


class Points(_Decision):
    """The question's points as a person decided them, whatever the tests say."""

    kind: Literal["points"]
    question: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    students: Annotated[tuple[str, ...], Field(min_length=1)]


class Extend(_Decision):
    kind: Literal["extension"]
    until: datetime
    students: Annotated[tuple[str, ...], Field(min_length=1)]


class WaiveLate(_Decision):
    kind: Literal["waive_late"]


class ReceivedAt(_Decision):
    """Say when the work came in, as a person knows it, whatever the channel says."""

    kind: Literal["received_at"]
    at: datetime
    students: Annotated[tuple[str, ...], Field(min_length=1)]


_Any = DropTest | ReweightTest | ReweightQuestion | Excuse | Points | Extend | WaiveLate | ReceivedAt
Adjustment = Annotated[_Any, Field(discriminator="kind")]
_ADJUSTMENT: TypeAdapter[Adjustment] = TypeAdapter(Adjustment)
_BY_KIND: dict[str, type[_Decision]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(_Any)
}
_COMMON = ("kind", *_Decision.model_fields)
_KEYS = tuple(dict.fromkeys([*_COMMON, *(key for model in _BY_KIND.values() for key in model.model_fields)]))


@dataclass(frozen=True)
class Adjustments:
    """All entries of one adjustments.yaml, in file order. `Adjustments()` changes nothing."""

    entries: tuple[Adjustment, ...] = ()

    def applying_to(self, assignment: str, names: Collection[str]) -> Adjustments:
        """Return the entries about one assignment that hold for a submission of `names` (subject id and member ids)."""
        return Adjustments(tuple(e for e in self.entries if e.assignment == assignment and e.concerns(names)))

    def received(self, channel: datetime | None) -> datetime | None:
        """Return when a submission came in that these entries hold for: as a person decided last, else as the channel
        said.
        """
        decided = [aware(entry.at) for entry in self.entries if isinstance(entry, ReceivedAt)]
        return decided[-1] if decided else channel


def load_adjustments(course: Course, path: Path | None = None) -> Adjustments:
    """Read a course's adjustments.yaml; where the default file is not there, nothing is adjusted.

    Raises CourseError with one message per mistake (file, line, found, expected): also for an assignment or question
    that the course does not have, and for points above a question's maximum.
    """
    if path is None:
        path = course.root / FILE_NAME
        if not path.exists():
            return Adjustments()
    top = read_sections(path, ("adjustments",), "the adjustments")
    sections = list(top.sections("adjustments", _KEYS, "adjustment"))
    entries = [_entry(section, course) for section in sections]
    for section, entry in zip(sections, entries, strict=True):
        if isinstance(entry, Points):
            _check_points(section, entry, course, entries)
    top.notes.raise_if_any()
    return Adjustments(tuple(entry for entry in entries if entry is not None))


def _entry(section: Section, course: Course) -> Adjustment | None:
    """Return one entry; None if it is wrong (its mistakes are noted)."""
    noted = len(section.notes.problems)
    kind = section.choice("kind", tuple(_BY_KIND))
    allowed = _BY_KIND[kind].model_fields
    values: dict[str, Any] = {"kind": kind}
    for key in _KEYS:
        if key in section and key not in allowed:
            section.wrong(key, f"no {key!r} for {kind}, which takes {', '.join(k for k in allowed if k != 'kind')}")
    for key in ("assignment", "who", "why", "question", "test"):
        if key in allowed:
            values[key] = section.text(key)
    for key in ("weight", "points"):
        if key in allowed:
            values[key] = section.number(key, None)
    values["students"] = tuple(student.text for student in section.texts("students"))
    if allowed["students"].is_required() and not values["students"]:
        _missing(section, "students", f"a list with at least one student or group: {kind} is never for everyone")
    if kind == "reweight_question" and values["students"]:
        section.wrong("students", "no students: a question is worth the same to everybody", "a list")
    values["when"] = _day(section)
    if "until" in allowed:
        values["until"] = section.moment("until")
        if "until" not in section:
            _missing(section, "until", "the new deadline, as in 2026-10-12T23:59:00+02:00")
    assignment = _named_assignment(section, course, values["assignment"])
    if "at" in allowed:
        values["at"] = section.moment("at")
        if "at" not in section:
            _missing(section, "at", "when the work came in, as in 2026-10-12T21:04:00+02:00")
    if assignment and "question" in allowed:
        _check_question(section, assignment, values)
    return _ADJUSTMENT.validate_python(values) if len(section.notes.problems) == noted else None


def _day(section: Section) -> date | None:
    text = section.text("when", expected="the day of the decision, as in 2026-10-20")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        section.wrong("when", "the day of the decision, as in 2026-10-20")
        return None


def _named_assignment(section: Section, course: Course, name: str) -> Assignment | None:
    known = [assignment.name for assignment in course.assignments]
    if name in known:
        return course.assignment(name)
    if name:
        section.wrong("assignment", f"one of {', '.join(known)}", f"{name!r}{did_you_mean(name, known)}")
    return None


def _check_question(section: Section, assignment: Assignment, values: dict[str, Any]) -> None:
    known = [question.id for question in assignment.questions]
    name = values["question"]
    if name and name not in known:
        expected = f"a question of {assignment.name}: {', '.join(known)}"
        section.wrong("question", expected, f"{name!r}{did_you_mean(name, known)}")


def _check_points(section: Section, entry: Points, course: Course, entries: list[Adjustment | None]) -> None:
    """Refuse more points than the question has, in course.yaml or by a reweight_question of this file."""
    maximum = course.assignment(entry.assignment).question(entry.question).points
    for other in entries:
        if isinstance(other, ReweightQuestion) and (other.assignment, other.question) == (
            entry.assignment,
            entry.question,
        ):
            maximum = max(maximum, other.points)
    if entry.points > maximum:
        section.wrong("points", f"at most {maximum:g}, the points of {entry.question}")


def _missing(section: Section, key: str, expected: str) -> None:
    """Note a key that is absent or empty."""
    if section.require(key, expected):
        section.wrong(key, expected)
