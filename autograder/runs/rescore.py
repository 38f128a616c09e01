"""Results computed again from stored evidence: a changed rubric, a dropped test, a late waiver, a grade given by hand.

No student code runs. `preview` only reads; `apply` writes what it found, each changed grade with its event. Both
compute the same thing: applying twice changes nothing the second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import compress

from autograder.course.adjustments import Adjustment, Adjustments, DropTest, ReweightTest
from autograder.course.course import Course
from autograder.course.releases import load_releases
from autograder.course.roster import Roster
from autograder.pages.text import plural
from autograder.records import GradeEvent, Result
from autograder.results.from_evidence import Derived, Reason, Rules, derive
from autograder.results.store import Place, Store, as_written
from autograder.runs.many_cores import on_all_cores
from autograder.runs.pages import counted, write_about_class
from autograder.scoring.score import ManualGrade

Manual = Mapping[str, Mapping[str, ManualGrade]]
"""Student id -> question id -> what a person gave, for one assignment."""


@dataclass(frozen=True)
class Standing:
    """Hold what a preview keeps of a result: those of a whole class are in memory together."""

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


Met = Callable[[Rescored | None, int], None]
"""Called with one submission after the other and how many there are; None for one whose grade does not change."""


@dataclass(frozen=True)
class Preview:
    """Hold what a rescore would do. count: how many submissions there are; changes: how many grades of them differ;
    stale: for each folder of `Store.folders` whether anything that is written differs, if only the version of the
    rubric; notes: what a person should know before applying it."""

    count: int
    changes: int
    stale: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Compared:
    """Hold what one process found of one submission. differs: None where all is as it is written; tests: (question,
    name) of those that an adjustment could mean; concerned: positions of the adjustments that hold for it."""

    differs: Rescored | None
    conflicts: tuple[str, ...]
    tests: frozenset[tuple[str, str]]
    concerned: tuple[int, ...]


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
        self._alone = [Adjustments((entry,)) for entry in adjustments.entries]
        self._manual = manual
        self._now = now or datetime.now(UTC)
        self._rules: dict[str, Rules] = {}

    def preview(self, met: Met = lambda one, count: None) -> Preview:
        """Compute every result anew; nothing is kept of one but whether it is stale. Raises StoreError if evidence is
        damaged.
        """
        known = {assignment.name for assignment in self._course.assignments}
        folders = Counter(place.assignment for place in self._store.folders())
        among = sum(count for name, count in folders.items() if name in known)
        for name in folders:
            if name in known:
                self.rules_of(name)  # once, for all processes
        stale = bytearray()
        count = changes = 0
        conflicts: list[str] = []
        tests: dict[str, set[tuple[str, str]]] = defaultdict(set)
        moved = _Moved(self._alone)
        unknown: Counter[str] = Counter()
        for place, found in on_all_cores(lambda place: (place, self._find(place)), self._store.folders()):
            stale.append(found is not None and found.differs is not None)
            if place.assignment not in known:
                unknown[place.assignment] += self._store.latest_attempt(place) is not None
            if found is None:
                continue
            count += 1
            tests[place.assignment] |= found.tests
            conflicts += found.conflicts
            changed = found.differs if found.differs is not None and found.differs.grade_changes else None
            moved.meet(found.concerned, moves=changed is not None)
            changes += changed is not None
            met(changed, among)
        notes = [f"{name} is not in course.yaml: {count} submissions are left as they are"
                 for name, count in unknown.items() if count]  # fmt: skip
        notes += [*conflicts, *_matching_nothing(self._adjustments, tests), *moved.nothing()]
        return Preview(count, changes, bytes(stale), tuple(notes))

    def _find(self, place: Place) -> _Compared | None:
        """Return what is to be said of one submission; None if it has no evidence or is not of this course."""
        attempt = self._store.latest_attempt(place) if place.assignment in self._rules else None
        if attempt is None:
            return None
        evidence = self._store.attempt(place, attempt)
        rules = self._rules[place.assignment]
        after = rules.result(evidence)
        differs = None
        if not self._store.holds(place, as_written(after)) and (before := self._store.result(place)) != after:
            differs = Rescored(place, after.students, Standing.of(before) if before else None, Standing.of(after))
        asked = {entry.question for entry in self._adjustments.entries if isinstance(entry, DropTest | ReweightTest)}
        tests = frozenset((test.question, test.name) for test in evidence.tests if test.question in asked)
        ids = {place.subject, *after.students}
        concerned = tuple(
            position for position, one in enumerate(self._alone) if one.applying_to(place.assignment, ids).entries
        )
        return _Compared(differs, rules.conflicts(evidence.submission), tests, concerned)

    def apply(self, preview: Preview, *, who: str, why: str, each: Callable[[int], None] = lambda count: None) -> None:
        """Write every stale result with its feedback, an event for each changed score, and the files about the class.

        each: called after each submission is written, with how many there are. The store must be open for writing.
        """
        reason = Reason(who, why, self._now)

        def files_of(place: Place) -> tuple[bytes, GradeEvent]:
            derived = self._derive(place, reason)
            self._store.write_page(place, derived.feedback)
            return as_written(derived.result), derived.event

        def stale() -> Iterator[Place]:
            return compress(self._store.folders(), preview.stale)

        for name in {place.assignment for place in stale()}:
            _ = self.rules_of(name).options  # once, for all processes
        count = sum(preview.stale)
        for place, (written, event) in zip(stale(), on_all_cores(files_of, stale()), strict=True):
            self._store.write_result(place, written, event)
            each(count)
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
    """Say how many submissions each adjustment concerns, and whether it changes the grade of any of them now."""

    def __init__(self, alone: Sequence[Adjustments]) -> None:
        self._alone = alone  # one entry each
        self._concerned = [0] * len(alone)
        self._moves = [False] * len(alone)

    def meet(self, concerned: Iterable[int], *, moves: bool) -> None:
        for position in concerned:
            self._concerned[position] += 1
            self._moves[position] |= moves

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


def change_as_json(one: Rescored) -> dict[str, object]:
    """Return one grade that changes as a program reads it, with its questions."""

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
