"""Results computed again from stored evidence: a changed rubric, a dropped test, a late waiver, a grade given by hand.

No student code runs. `preview` only reads; `apply` writes what it found, each changed grade with its event. Both
compute the same thing: applying twice changes nothing the second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from autograder.course.adjustments import Adjustment, Adjustments, DropTest, ReweightTest
from autograder.course.course import Course
from autograder.course.releases import load_releases
from autograder.course.roster import Roster
from autograder.pages.text import plural
from autograder.records import Evidence, Result
from autograder.results.from_evidence import Reason, Rules, derive
from autograder.results.store import Place, Store
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

    def preview(self) -> Preview:
        """Compute every result anew. Raises StoreError if evidence is damaged."""
        known = {assignment.name for assignment in self._course.assignments}
        unknown: dict[str, int] = defaultdict(int)
        stale: list[Rescored] = []
        conflicts: list[str] = []
        tests: dict[str, set[tuple[str, str]]] = defaultdict(set)
        moved = _Moved(self._adjustments)
        count = 0
        for place, attempt in self._store.latest_attempts():
            if place.assignment not in known:
                unknown[place.assignment] += 1
                continue
            count += 1
            evidence = self._store.attempt(place, attempt)
            tests[place.assignment].update((test.question, test.name) for test in evidence.tests)
            rules = self._rules_of(place.assignment)
            conflicts += rules.conflicts(evidence.submission)
            before, after = self._store.result(place), rules.result(evidence)
            one = Rescored(place, after.students, Standing.of(before) if before else None, Standing.of(after))
            if before != after:
                stale.append(one)
            moved.meet(one)
        notes = [f"{name} is not in course.yaml: {count} submissions are left as they are"
                 for name, count in unknown.items()]  # fmt: skip
        notes += [*conflicts, *_matching_nothing(self._adjustments, tests), *moved.nothing()]
        return Preview(count, tuple(stale), tuple(notes))

    def apply(self, preview: Preview, *, who: str, why: str, each: Callable[[Rescored], None] = lambda _: None) -> None:
        """Write every stale result with its feedback, an event for each changed score, and the files about the class.

        each: called after each submission is written. The store must be open for writing.
        """
        for one in preview.stale:
            evidence = self._latest(one.place)
            notebook, outputs = self._store.notebook(evidence), self._store.outputs(evidence)
            rules, recorded = self._rules_of(one.place.assignment), self._store.events_of(one.place)
            derived = derive(evidence, notebook, outputs, rules, Reason(who, why, self._now), recorded)
            self._store.write_derived(derived.result, derived.executed, derived.feedback, derived.event)
            each(one)
        results = counted(self._store)
        write_about_class(self._store, self._course, self._roster, self._adjustments, results, self._now)

    def opens_at(self, assignment: str) -> datetime | None:
        """Return when the results of tests open that are shown after the deadline."""
        return self._rules_of(assignment).options.opens_at

    def _latest(self, place: Place) -> Evidence:
        evidence = self._store.latest(place)
        assert evidence is not None  # a place is what has evidence
        return evidence

    def _rules_of(self, name: str) -> Rules:
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
