"""Results computed again from stored evidence: a changed rubric, a dropped test, a late waiver, a grade given by hand.

No student code runs. `preview` only reads; `apply` writes what it found, each changed grade with its event. Both
compute the same thing: applying twice changes nothing the second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from autograder.course.adjustments import Adjustment, Adjustments, DropTest, ReweightTest
from autograder.course.course import Course
from autograder.course.releases import load_releases
from autograder.course.roster import Roster
from autograder.pages.text import plural
from autograder.records import GradeEvent, Result
from autograder.results.from_evidence import Derived, Reason, Rules, derive
from autograder.results.store import Place, Store
from autograder.runs.many_cores import on_all_cores
from autograder.runs.pages import counted, write_about_class
from autograder.scoring.score import ManualGrade

Manual = Mapping[str, Mapping[str, ManualGrade]]
"""Student id -> question id -> what a person gave, for one assignment."""


@dataclass(frozen=True)
class Standing:
    """What a preview keeps of a result: those of a whole class are in memory together."""

    score: float | None
    max_score: float
    late_penalty: float
    needs_manual_grade: bool
    questions: tuple[tuple[str, float | None, float], ...]  # id, score, maximum

    @classmethod
    def of(cls, result: Result) -> Standing:
        questions = tuple((one.id, one.score, one.max_score) for one in result.questions)
        return cls(result.score, result.max_score, result.late_penalty, result.needs_manual_grade, questions)

    @property
    def grade(self) -> tuple[float | None, float, bool]:
        return self.score, self.max_score, self.needs_manual_grade


@dataclass(frozen=True)
class Rescored:
    """One submission that is not as it was: before and after. before: None if there was no result yet."""

    place: Place
    students: tuple[str, ...]
    before: Standing | None
    after: Standing

    @property
    def grade_changes(self) -> bool:
        """Return whether the student's grade differs: score, maximum, or whether a person still has to grade."""
        return self.before is None or self.before.grade != self.after.grade

    def questions(self) -> Iterator[tuple[str, float | None, float | None]]:
        """Yield (question, score before, score after) of every question whose score or maximum differs."""
        old = {id: (score, most) for id, score, most in self.before.questions} if self.before else {}
        new = {id: (score, most) for id, score, most in self.after.questions}
        for id in dict.fromkeys([*old, *new]):
            one, two = old.get(id), new.get(id)
            if one != two:
                yield id, one[0] if one else None, two[0] if two else None


@dataclass(frozen=True)
class Preview:
    """What a rescore would do. count: how many submissions there are; stale: those of which anything that is written
    differs, if only the version of the rubric; notes: what a person should know before applying it.
    """

    count: int
    stale: tuple[Rescored, ...]
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Rescored, ...]:
        return tuple(one for one in self.stale if one.grade_changes)


@dataclass(frozen=True)
class _Met:
    """What one process found of one submission. tests: (question, name) of those that an adjustment could mean."""

    one: Rescored
    stale: bool
    conflicts: tuple[str, ...]
    tests: frozenset[tuple[str, str]]


class Rescorer:
    """The rules of one course, applied to one results folder.

    Args:
        manual: reads the grades given by hand for an assignment's name; called once for each.
    """

    def __init__(
        self,
        store: Store,
        course: Course,
        roster: Roster,
        adjustments: Adjustments,
        manual: Callable[[str], Manual],
        now: datetime | None = None,
    ) -> None:
        self._store = store
        self._course = course
        self._roster = roster
        self._adjustments = adjustments
        self._manual = manual
        self._now = now or datetime.now(UTC)
        self._rules: dict[str, Rules] = {}

    def preview(self, each: Callable[[int], None] = lambda _: None) -> Preview:
        """Compute every result anew. Raises StoreError if evidence is damaged.

        each: called after each submission with how many there are.
        """
        known = {assignment.name for assignment in self._course.assignments}
        found = list(self._store.latest_attempts())
        unknown = Counter(place.assignment for place, _ in found if place.assignment not in known)
        ours = [(place, attempt) for place, attempt in found if place.assignment in known]
        for name in {place.assignment for place, _ in ours}:
            self.rules_of(name)  # once, for all processes
        stale: list[Rescored] = []
        conflicts: list[str] = []
        tests: dict[str, set[tuple[str, str]]] = defaultdict(set)
        moved = _Moved(self._adjustments)
        for met in on_all_cores(self._meet, ours):
            tests[met.one.place.assignment] |= met.tests
            conflicts += met.conflicts
            moved.meet(met.one)
            if met.stale:
                stale.append(met.one)
            each(len(ours))
        notes = [f"{name} is not in course.yaml: {count} submissions are left as they are"
                 for name, count in unknown.items()]  # fmt: skip
        notes += [*conflicts, *_matching_nothing(self._adjustments, tests), *moved.nothing()]
        return Preview(len(ours), tuple(stale), tuple(notes))

    def _meet(self, which: tuple[Place, int]) -> _Met:
        place, attempt = which
        evidence = self._store.attempt(place, attempt)
        rules = self.rules_of(place.assignment)
        before, after = self._store.result(place), rules.result(evidence)
        one = Rescored(place, after.students, Standing.of(before) if before else None, Standing.of(after))
        asked = {entry.question for entry in self._adjustments.entries if isinstance(entry, DropTest | ReweightTest)}
        tests = frozenset((test.question, test.name) for test in evidence.tests if test.question in asked)
        return _Met(one, before != after, rules.conflicts(evidence.submission), tests)

    def apply(self, preview: Preview, *, who: str, why: str, each: Callable[[Rescored], None] = lambda _: None) -> None:
        """Write every stale result with its feedback, an event for each changed score, and the files about the class.

        each: called after each submission is written. The store must be open for writing.
        """
        reason = Reason(who, why, self._now)

        def files_of(one: Rescored) -> tuple[Result, GradeEvent]:
            derived = self._derive(one.place, reason)
            self._store.write_page(one.place, derived.feedback)
            return derived.result, derived.event

        for name in {one.place.assignment for one in preview.stale}:
            _ = self.rules_of(name).options  # once, for all processes
        for one, (result, event) in zip(preview.stale, on_all_cores(files_of, preview.stale), strict=True):
            self._store.write_result(result, event)
            each(one)
        results = counted(self._store)
        write_about_class(self._store, self._course, self._roster, self._adjustments, results, self._now)

    def _derive(self, place: Place, reason: Reason) -> Derived:
        evidence = self._store.latest(place)
        assert evidence is not None  # a place is what has evidence
        notebook, outputs = self._store.notebook(evidence), self._store.outputs(evidence)
        return derive(
            evidence, notebook, outputs, self.rules_of(place.assignment), reason, self._store.events_of(place)
        )

    def rules_of(self, name: str) -> Rules:
        """Return what decides the grades of an assignment of the course."""
        if name not in self._rules:
            assignment = self._course.assignment(name)
            self._rules[name] = Rules(
                course=self._course,
                assignment=assignment,
                roster=self._roster,
                adjustments=self._adjustments,
                manual=self._manual(name),
                releases=load_releases(assignment.releases_path),
                now=self._now,
            )
        return self._rules[name]


def _matching_nothing(adjustments: Adjustments, tests: Mapping[str, set[tuple[str, str]]]) -> list[str]:
    """Return a note for each entry that names a test which no submission's evidence has: probably a typing error."""
    return [
        f"adjustment {entry.kind} of {entry.assignment}/{entry.question}: no test is called {entry.test!r}; "
        f"there are {', '.join(sorted(name for q, name in tests[entry.assignment] if q == entry.question)) or 'none'}"
        for entry in adjustments.entries
        if isinstance(entry, DropTest | ReweightTest)
        and tests.get(entry.assignment)
        and not any(entry.matches(question, name) for question, name in tests[entry.assignment])
    ]


class _Moved:
    """How many submissions each adjustment concerns, and whether it changes the grade of any of them now."""

    def __init__(self, adjustments: Adjustments) -> None:
        self._alone = [Adjustments((entry,)) for entry in adjustments.entries]
        self._concerned = [0] * len(self._alone)
        self._moves = [False] * len(self._alone)

    def meet(self, one: Rescored) -> None:
        ids = {one.place.subject, *one.students}
        for number, alone in enumerate(self._alone):
            if alone.applying_to(one.place.assignment, ids).entries:
                self._concerned[number] += 1
                self._moves[number] |= one.grade_changes

    def nothing(self) -> list[str]:
        """Return a note for each entry that concerns submissions and changes the grade of none of them now."""
        return [
            f"adjustment {alone.entries[0].kind} of {_about(alone.entries[0])} concerns {plural(count, 'submission')} "
            "and changes no grade now: it is applied already, or the points come out the same"
            for alone, count, moves in zip(self._alone, self._concerned, self._moves, strict=True)
            if count and not moves
        ]


def _about(entry: Adjustment) -> str:
    parts = [entry.assignment, getattr(entry, "question", ""), getattr(entry, "test", "")]
    return "/".join(part for part in parts if part)


def as_json(preview: Preview, *, applied: bool) -> dict[str, object]:
    """Return the preview as a program reads it: every grade that changes, with its questions."""
    return {
        "schema_version": 1,
        "applied": applied,
        "submissions": preview.count,
        "changes": [_change(one) for one in preview.changes],
        "notes": list(preview.notes),
    }


def _change(one: Rescored) -> dict[str, object]:
    def side(standing: Standing | None) -> dict[str, object] | None:
        return (
            None if standing is None else {key: value for key, value in asdict(standing).items() if key != "questions"}
        )

    return {
        "assignment": one.place.assignment,
        "subject": one.place.subject,
        "students": list(one.students),
        "before": side(one.before),
        "after": side(one.after),
        "questions": [{"id": id, "before": before, "after": after} for id, before, after in one.questions()],
    }


def by_assignment(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Return results grouped by assignment, in the order they come."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.assignment].append(result)
    return dict(groups)
