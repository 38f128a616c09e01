"""course.yaml as data: the course, its assignments and their questions.

Points, deadlines, limits and what students may see stand in that file only. Every mistake is reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.course.late_policy import LatePolicy, read_late_policy
from autograder.course.limits import read_limits
from autograder.course.public_files import lying_beside
from autograder.course.reference_models import ReferenceModel, read_reference_models, read_weights
from autograder.course.retention import Retention, read_retention
from autograder.course.submission_rules import NO_RULES, SubmissionRules, read_submission_rules
from autograder.course.surroundings import PLAIN, Surroundings, read_surroundings
from autograder.course.yaml_sections import (
    CourseError,
    Located,
    Problem,
    Section,
    did_you_mean,
    inside,
    read_sections,
    refuse_duplicates,
)
from autograder.sandbox.interface import Limits

__all__ = [
    "Assignment",
    "Course",
    "CourseError",
    "LatePolicy",
    "Problem",
    "Question",
    "ReferenceModel",
    "load_course",
    "question_of",
]

QuestionKind = Literal["tests", "manual", "quiz", "artifact"]
Visibility = Literal["always", "after_due", "never"]

_COURSE_KEYS = (
    *("title", "term", "time_zone", "roster", "samples", "sandbox", "late_policy", "reference_models"),
    *("fast_variable", "data_sets", "repository_url", "submissions", "retention", "assignments"),
)
_ASSIGNMENT_KEYS = (
    *("name", "title", "released", "due", "hours", "preload", "public_files", "weights", "artifacts"),
    *("sandbox", "questions"),
)
_QUESTION_KEYS = ("id", "title", "points", "kind", "visibility", "answers")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # becomes a folder's and a file's name
_QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,47}")  # becomes an nbgrader grade_id, with check_ before it or _1 after it
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Question:
    """One question: `id` is the grade_id of its blank, `visibility` says when students see its test results, `answers`
    when they see the right answers to the items of a quiz."""

    id: str
    title: str
    points: float
    kind: QuestionKind
    visibility: Visibility
    answers: Visibility = "never"


@dataclass(frozen=True)
class Assignment:
    """One assignment, and where its files are.

    public_files: what students get beside the starter, and the only files of the course that the sandbox holds; paths
    relative to `root`. weights: reference models whose weights come with the assignment, from the one place where the
    course keeps them. artifacts: names of files that students hand in beside the notebook. hours: expected work.
    """

    name: str
    title: str
    root: Path
    due: datetime | None
    hours: float
    preload: tuple[str, ...]
    public_files: tuple[PurePosixPath, ...]
    artifacts: tuple[str, ...]
    limits: Limits
    questions: tuple[Question, ...]
    weights: tuple[ReferenceModel, ...] = ()
    surroundings: Surroundings = PLAIN
    released: datetime | None = None  # nothing can have come in before

    @property
    def max_score(self) -> float:
        return sum(question.points for question in self.questions)

    @property
    def solution_dir(self) -> Path:
        return self.root / "solutions" / self.name

    @property
    def solution_path(self) -> Path:
        """Return the master notebook, in percent format."""
        return self.solution_dir / "solution.py"

    @property
    def hidden_tests_path(self) -> Path:
        return self.solution_dir / "hidden_tests.py"

    @property
    def probes_path(self) -> Path:
        return self.solution_dir / "probes.py"

    @property
    def bank_dir(self) -> Path:
        return self.solution_dir / "bank"

    @property
    def releases_path(self) -> Path:
        """Descriptors of every release, by release id (`autograder.release.starter`)."""
        return self.solution_dir / "releases.json"

    @property
    def starter_dir(self) -> Path:
        return self.root / "assignments" / self.name

    @property
    def starter_path(self) -> Path:
        """Return the starter notebook."""
        return self.starter_dir / f"{self.name}.ipynb"

    @property
    def public_paths(self) -> tuple[Path, ...]:
        """`public_files` as absolute paths."""
        return tuple(self.root / file for file in self.public_files)

    @property
    def beside(self) -> dict[str, Path]:
        """Return what lies beside the notebook: its path there, with `/`, -> file. Of a folder it is every file in
        it.
        """
        return lying_beside(self.public_paths)

    def question(self, id: str) -> Question:
        """Return the question with this id. Raises KeyError with the known ids if there is none."""
        for question in self.questions:
            if question.id == id:
                return question
        known = [question.id for question in self.questions]
        raise KeyError(f"{self.name} has no question {id!r}{did_you_mean(id, known)}; it has {', '.join(known)}")


@dataclass(frozen=True)
class Course:
    """The whole course. `root` is the folder course.yaml lies in; every other path starts there.

    samples_path: submissions that `autograder demo` grades.
    """

    title: str
    term: str
    root: Path
    roster_path: Path | None
    limits: Limits
    late_policy: LatePolicy
    assignments: tuple[Assignment, ...]
    reference_models: tuple[ReferenceModel, ...] = ()
    time_zone: str = ""  # in which pages show times, e.g. Europe/Berlin; "" where each deadline's own zone is used
    samples_path: Path | None = None
    submissions: SubmissionRules = NO_RULES
    retention: Retention | None = None  # how long work is kept; None where course.yaml does not say

    @property
    def zone(self) -> ZoneInfo | None:
        """Return the zone of times that a learning platform writes without one; None if course.yaml names none."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    def assignment(self, name: str) -> Assignment:
        """Return the assignment of this name. Raises KeyError with the known names if there is none."""
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        known = [assignment.name for assignment in self.assignments]
        raise KeyError(f"no assignment {name!r}{did_you_mean(name, known)}; the course has {', '.join(known)}")


def question_of(grade_id: str, assignment: Assignment) -> Question | None:
    """Return the question that a blank with this grade_id belongs to; None if it belongs to none."""
    id = question_id_of(grade_id, [question.id for question in assignment.questions])
    return assignment.question(id) if id else None


def question_id_of(grade_id: str, questions: Collection[str]) -> str:
    """Return the id of a blank's question: the grade_id, or what stands before its `_<n>` (one item of a quiz).

    Returns "" if the blank belongs to none of the questions.
    """
    if grade_id in questions:
        return grade_id
    stem = re.sub(r"_\d+$", "", grade_id)
    return stem if stem in questions else ""


def load_course(path: Path | str = "course.yaml", *, check_files: bool = True) -> Course:
    """Read a course.yaml (or the folder it lies in).

    check_files: whether the files that it names must exist. Raises CourseError with one message per mistake.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "course.yaml"
    root = path.parent.resolve()
    top = read_sections(path, _COURSE_KEYS, "the course")
    limits = read_limits(top, Limits())
    roster = top.text("roster", "")
    names: list[tuple[str, int]] = []
    models = read_reference_models(top, root, check_files)
    surroundings = read_surroundings(top)
    samples = top.text("samples", "")
    time_zone = top.text("time_zone", "")
    if time_zone and not _is_zone(time_zone):
        top.wrong("time_zone", "the name of a time zone such as Europe/Berlin")
        time_zone = ""
    course = Course(
        title=top.text("title"),
        term=top.text("term", ""),
        root=root,
        roster_path=root / roster if roster else None,
        limits=limits,
        late_policy=read_late_policy(top),
        assignments=tuple(
            _in_zone(_assignment(section, root, limits, models, check_files, names, surroundings), time_zone)
            for section in top.sections("assignments", _ASSIGNMENT_KEYS, "assignment")
        ),
        reference_models=models,
        time_zone=time_zone,
        samples_path=root / (samples or "samples"),
        submissions=read_submission_rules(top),
        retention=read_retention(top),
    )
    if samples and not inside(root, samples):
        top.wrong("samples", "a path relative to the course's folder and inside it")
    if roster and not inside(root, roster):
        top.wrong("roster", "a path relative to the course's folder and inside it")
    refuse_duplicates(top.notes, names, "an assignment's name")
    top.notes.raise_if_any()
    return course


def _in_zone(assignment: Assignment, zone: str) -> Assignment:
    """Return the assignment with its times on the course's clock, which knows when clocks change."""
    if not zone:
        return assignment
    due, released = (moment and moment.astimezone(ZoneInfo(zone)) for moment in (assignment.due, assignment.released))
    return replace(assignment, due=due, released=released)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def _assignment(
    section: Section,
    root: Path,
    limits: Limits,
    models: tuple[ReferenceModel, ...],
    check_files: bool,
    names: list[tuple[str, int]],
    surroundings: Surroundings,
) -> Assignment:
    expected = "a name of letters, digits, '_' and '-', at most 64"
    name = section.text("name", expected=expected)
    names.append((name, section.line_of("name")))
    if name and not _NAME.fullmatch(name):
        section.wrong("name", expected)
    elif name:
        section.name = f"assignment {name!r}"
    preload = _plain(section, "preload", _MODULE, "a module's dotted name")
    artifacts = _plain(section, "artifacts", _FILE_NAME, "a plain file name")
    return Assignment(
        name=name,
        title=section.text("title"),
        root=root,
        due=section.moment("due"),
        released=section.moment("released"),
        hours=section.number("hours", 0),
        preload=preload,
        public_files=_public_files(section, root, check_files),
        artifacts=artifacts,
        limits=read_limits(section, limits),
        questions=_questions(section),
        weights=read_weights(section, models),
        surroundings=surroundings,
    )


def _plain(section: Section, key: str, form: re.Pattern[str], expected: str) -> tuple[str, ...]:
    items = section.texts(key)
    for item in items:
        if not form.fullmatch(item.text):
            section.notes.add(item.line, f"{item.text!r} in {key!r} of {section.name}", expected)
    return tuple(item.text for item in items)


def _public_files(section: Section, root: Path, check_files: bool) -> tuple[PurePosixPath, ...]:
    files: list[PurePosixPath] = []
    for file in section.texts("public_files"):
        if PurePosixPath(file.text).name in {other.name for other in files}:  # they lie side by side, without folders
            section.notes.add(file.line, f"{file.text!r} in 'public_files' of {section.name}", "a file name of its own")
        if problem := _public_file_problem(file, root, check_files):
            section.notes.add(file.line, f"{file.text!r} in 'public_files' of {section.name}{problem[0]}", problem[1])
        files.append(PurePosixPath(file.text))
    return tuple(files)


def _public_file_problem(file: Located, root: Path, check_files: bool) -> tuple[str, str] | None:
    """Return (what is wrong with it, what was expected), or None."""
    if not inside(root, file.text):
        return "", "a path relative to the course's folder and inside it"
    if PurePosixPath(file.text).parts[:1] == ("solutions",):
        return ", which students must never see", "a file outside solutions/"
    place = root / file.text
    if place.is_dir() and (place == root or (place / "course.yaml").exists() or (place / "solutions").exists()):
        return ", which holds what students must never see", "a folder of data"
    if check_files and not place.is_file() and not (place.is_dir() and lying_beside([place])):
        return ", which does not exist or is empty", "an existing file, or a folder with files in it"
    return None


def _questions(section: Section) -> tuple[Question, ...]:
    questions, lines = [], []
    expected = "an id of lower-case letters, digits and '_' that starts with a letter"
    for item in section.sections("questions", _QUESTION_KEYS, f"question of {section.name}"):
        id = item.text("id", expected=expected)
        if id and not _QUESTION_ID.fullmatch(id):
            item.wrong("id", expected)
        elif id.startswith("check_"):
            item.wrong("id", "an id that does not start with 'check_', which names check cells")
        elif id:
            item.name = f"question {id!r} of {section.name}"
        lines.append((id, item.line_of("id")))
        questions.append(
            Question(
                id=id,
                title=item.text("title"),
                points=item.number("points", None, least=0),
                kind=cast(QuestionKind, item.choice("kind", get_args(QuestionKind), "tests")),
                visibility=cast(Visibility, item.choice("visibility", get_args(Visibility), "always")),
                answers=cast(Visibility, item.choice("answers", get_args(Visibility), "never")),
            )
        )
    refuse_duplicates(section.notes, lines, f"a question's id in {section.name}")
    return tuple(questions)
