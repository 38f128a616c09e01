"""`autograder grade`: from submissions to a results folder, as often as one likes.

Theory of operation
===================

A run asks of each submission what is missing and makes just that. Evidence is missing where the latest
attempt is of another notebook, other hidden tests or another engine, or was not graded through a fault of
ours: then a worker grades it. Derived files are missing where `result.json` does not name that attempt and
the current rubric: then they are made from evidence. So an interrupted run is resumed by repeating it, and
a finished one is left as it is. The order of writes, and why it survives being killed, is in `store`.

Everything is written by this one process, in the order in which workers finish. While the workers start,
which takes seconds, it reads the gradebook, which takes seconds too.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograder import __version__
from autograder.course.adjustments import load_adjustments
from autograder.course.course import Assignment
from autograder.course.fingerprint import tests_sha256
from autograder.course.releases import load_releases
from autograder.records import Evidence, Outcome, Result, SubmissionInfo
from autograder.results.from_evidence import Reason, Rules, derive
from autograder.results.store import Outputs, Place, Store
from autograder.runs.pages import counted, write_about_class
from autograder.runs.plan import own_pool
from autograder.runs.report import Listener, Report, RunPlan
from autograder.submissions.arrivals import arrivals_of, read_arrivals, write_arrivals
from autograder.submissions.find import Submission, SubmissionError
from autograder.workers.messages import Job
from autograder.workers.pool import Done, Pool

if TYPE_CHECKING:
    from autograder.exchange.nbgrader import ManualGrades

WHO = "autograder grade"
BREAKS = (
    "Grading this notebook ended the grading program three times, each time in a fresh start, while another notebook "
    "could be graded. A person of the course staff will look at it."
)
WRITER_SECONDS = 2.0  # a resident grader lets go of the results folder between two hand-ins


def run(plan: RunPlan, listener: Listener, store: Store | None = None) -> Report:
    """Grade what is to be graded and write everything. Ctrl-C ends it early, with everything graded so far written.

    store: the results folder where it is open for writing already; opened here without it.
    Raises StoreError, SecretError, WorkerSetupError, CourseError, ReleasesError.
    """
    report = Report()
    adjustments = load_adjustments(plan.course)
    groups = _by_assignment(plan, listener, report)
    with nullcontext(store) if store is not None else Store(plan.output, wait_seconds=WRITER_SECONDS) as opened:
        listener.planned(sum(map(len, groups.values())))
        try:
            for name in sorted(groups):
                assignment = plan.course.assignment(name)
                rules = Rules(
                    course=plan.course,
                    assignment=assignment,
                    roster=plan.roster,
                    adjustments=adjustments,
                    releases=load_releases(assignment.releases_path),
                    now=datetime.now(UTC),
                )
                _Grading(plan, opened, rules, listener, report).run(groups[name])
        except KeyboardInterrupt:
            report.interrupted = True
        taken_in = arrivals_of(plan.submissions, plan.left_over, plan.roster)
        write_arrivals(opened.staff, read_arrivals(opened.staff).merged(taken_in))
        _finish(plan, opened, sorted(groups), listener, report)
    return report


def _by_assignment(plan: RunPlan, listener: Listener, report: Report) -> dict[str, list[Submission]]:
    """Return what to grade, by assignment: one submission per subject. The others are told of, and not lost."""
    groups: dict[str, list[Submission]] = defaultdict(list)
    taken: dict[tuple[str, str], str] = {}
    for left in plan.left_over:
        listener.note(f"{left.source}: set aside, {left.why}")
    for note in plan.notes:
        listener.note(note)
    for submission in plan.submissions:
        key = (submission.assignment, submission.subject)
        if submission.set_aside or not submission.assignment:
            report.problems.append(submission.problem)
            listener.note(submission.problem)
        elif submission.superseded_by or key in taken:
            counts = submission.superseded_by or taken[key]
            listener.note(f"{submission.source}: not graded, since {counts} of {submission.subject} is")
        else:
            taken[key] = submission.source
            groups[submission.assignment].append(submission)
    return groups


@dataclass(frozen=True)
class _Kept:
    """An attempt of an earlier run that still holds. Its evidence is read again where something is stale: that of a
    whole class fills the memory.
    """

    place: Place
    attempt: int
    submission: SubmissionInfo

    @classmethod
    def of(cls, evidence: Evidence) -> _Kept:
        submission = evidence.submission
        return cls(Place(evidence.assignment, submission.subject), evidence.attempt, submission)


class _Grading:
    """One assignment of a run."""

    def __init__(self, plan: RunPlan, store: Store, rules: Rules, listener: Listener, report: Report) -> None:
        self._plan = plan
        self._store = store
        self._rules = rules
        self._listener = listener
        self._report = report
        self._tests_sha256 = tests_sha256(rules.assignment)
        self._manual_unknown = False

    def run(self, submissions: Sequence[Submission]) -> None:
        before: list[_Kept] = []  # graded by an earlier run
        refused: list[Evidence] = []
        wanted: dict[str, Submission] = {}
        for submission in submissions:
            latest = self._store.latest(Place(submission.assignment, submission.subject))
            if latest is not None and self._still_holds(latest, submission) and not self._plan.force:
                before.append(_Kept.of(self._as_received_now(latest, submission)))
            elif submission.problem:
                refused.append(self._store.keep(self._unreadable(submission), b"", {}))
            else:
                wanted[submission.subject] = submission
        self._listener.starting(self._rules.assignment.name, len(wanted), len(before))
        with ExitStack() as stack:
            pool = stack.enter_context(self._pool(len(wanted))) if wanted else None
            self._rules = replace(self._rules, manual=self._read_manual())
            self._report.kept += len(before)
            for kept in before:
                self._publish_if_stale(kept)
            for evidence in refused:
                self._listener.graded(self._publish(evidence, b"", {}), 0.0)
            if pool is not None:
                self._grade(pool, wanted)

    def _still_holds(self, evidence: Evidence, submission: Submission) -> bool:
        """Return whether grading this submission again could say nothing new."""
        return (
            evidence.outcome is not Outcome.NOT_GRADED
            and evidence.submission.notebook_sha256 == submission.sha256
            and evidence.submission.artifacts == submission.info.artifacts
            and evidence.submission.variant == submission.variant
            and (not submission.problem or evidence.reason == submission.problem)
            and evidence.tests_sha256 == self._tests_sha256
            and evidence.versions.get("engine") == __version__
        )

    def _as_received_now(self, latest: Evidence, submission: Submission) -> Evidence:
        """Return the evidence with what the channel says now: a time or an owner that has become known runs nothing
        again.
        """
        if latest.submission == submission.info:
            return latest
        moved = latest.model_copy(update={"submission": submission.info})
        return self._store.keep(moved, self._store.notebook(latest), self._store.outputs(latest))

    def _pool(self, submissions: int) -> Pool:
        return (self._plan.open_pool or own_pool)(self._plan, self._rules.assignment.name, submissions)

    def _grade(self, pool: Pool, wanted: dict[str, Submission]) -> None:
        ready = pool.wait_ready()
        self._report.start_up = max(self._report.start_up, ready.seconds)
        self._listener.ready(ready.backend, ready.unsafe, ready.seconds)
        if self._plan.gradebook and nbgrader_is_there():  # seconds to import; a run waits for workers anyway
            threading.Thread(target=import_module, args=("autograder.exchange.nbgrader",), daemon=True).start()
        for done in pool.run(self._jobs(wanted)):
            started = time.monotonic()
            outputs = done.graded.outputs if done.graded is not None else {}
            whole = done.graded is not None and not done.breaks
            evidence = done.graded.evidence if done.graded is not None and whole else self._not_graded(done)
            with _uninterrupted():
                kept = self._store.keep(evidence, done.job.notebook, outputs)
                result = self._publish(kept, done.job.notebook, outputs)
            self._report.graded += 1
            if kept.outcome is Outcome.GRADED:
                self._report.stages.append(kept.timings)
            self._report.seconds.append(done.seconds)
            self._report.writing.append(time.monotonic() - started)
            self._listener.graded(result, done.seconds)

    def _jobs(self, wanted: Mapping[str, Submission]) -> Iterator[Job]:
        for key, submission in wanted.items():
            try:
                notebook = submission.notebook
                artifacts = submission.files(self._rules.assignment.artifacts)
            except SubmissionError as error:  # it was there when the run began
                self._report.problems.append(str(error))
                self._listener.note(str(error))
            else:
                yield Job(key=key, submission=submission.info, notebook=notebook, artifacts=artifacts)

    def _unreadable(self, submission: Submission) -> Evidence:
        """Return evidence that what was handed in cannot be graded."""
        return Evidence(
            assignment=self._rules.assignment.name,
            submission=submission.info,
            outcome=Outcome.UNGRADABLE,
            reason=submission.problem,
            tests_sha256=self._tests_sha256,
            versions={"engine": __version__},
            graded_at=datetime.now(UTC),
        )

    def _not_graded(self, done: Done) -> Evidence:
        """Return evidence that nothing could be found out: through a fault of ours, or since what is in it breaks
        graders."""
        return Evidence(
            assignment=self._rules.assignment.name,
            submission=done.job.submission,
            outcome=Outcome.UNGRADABLE if done.breaks else Outcome.NOT_GRADED,
            reason=BREAKS if done.breaks else done.reason,
            flags=(f"grading it failed three times, an empty notebook's did not: {done.reason}"[:500],)
            if done.breaks
            else (),
            tests_sha256=self._tests_sha256,
            versions={"engine": __version__},
            graded_at=datetime.now(UTC),
        )

    def _publish(self, evidence: Evidence, notebook: bytes, outputs: Outputs) -> Result:
        place = Place(evidence.assignment, evidence.submission.subject)
        reason = Reason(WHO, f"graded, attempt {evidence.attempt}", datetime.now(UTC))
        derived = derive(evidence, notebook, outputs, self._rules, reason, self._store.events_of(place))
        self._report.add(derived.result)
        self._store.write_derived(derived.result, derived.feedback, derived.event)
        return derived.result

    def _publish_if_stale(self, kept: _Kept) -> None:
        for conflict in self._rules.conflicts(kept.submission):
            self._listener.note(conflict)
        place = kept.place
        before = self._store.result(place)
        by_hand = before is not None and any(q.status == "graded_by_hand" for q in before.questions)
        if before is not None and (
            (self._manual_unknown and by_hand)
            or self._store.is_current(before, kept.attempt, self._rules.rubric(kept.submission))
        ):
            self._report.add(before)
        else:
            evidence = self._store.attempt(place, kept.attempt)
            self._publish(evidence, self._store.notebook(evidence), self._store.outputs(evidence))

    def _read_manual(self) -> ManualGrades:
        """Return grades given by people. Where they cannot be read now, results that hold some are left as they are."""
        path = self._store.staff / "gradebook.db"
        if not path.exists():
            return {}
        from autograder.exchange.nbgrader import GradebookError, read_manual

        try:
            return read_manual(path, self._rules.assignment)
        except GradebookError as error:
            self._manual_unknown = True
            self._listener.note(str(error))
            return {}


def nbgrader_is_there() -> bool:
    """Return whether nbgrader's gradebook can be read and written here: it is an extra."""
    return find_spec("nbgrader") is not None


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the block is through. Outside the main thread, where no Ctrl-C arrives, nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if arrived:
        raise KeyboardInterrupt


def _finish(plan: RunPlan, store: Store, names: Sequence[str], listener: Listener, report: Report) -> None:
    """Write the gradebook, and the files about all submissions in the folder."""
    if not (plan.gradebook or plan.class_files):
        return
    results = counted(store)
    started = time.monotonic()
    try:
        if plan.gradebook and not nbgrader_is_there():
            listener.note("nbgrader is not installed, so no gradebook is written; all grades are in the results")
        elif plan.gradebook and not report.interrupted:
            for name in names:
                _sync(plan, store, plan.course.assignment(name), results, listener)
            report.gradebook = time.monotonic() - started
    finally:
        if plan.class_files:
            of_run = {"engine": __version__, "timings": report.timings()}
            now = datetime.now(UTC)
            write_about_class(store, plan.course, plan.roster, load_adjustments(plan.course), results, now, of_run)


def _sync(plan: RunPlan, store: Store, assignment: Assignment, results: Sequence[Result], listener: Listener) -> None:
    """Bring nbgrader's gradebook up to date. A failure is told and repaired by the next run: all is in the results."""
    from autograder.exchange.nbgrader import GradebookEntry, GradebookError, sync

    releases = load_releases(assignment.releases_path)
    rules = Rules(course=plan.course, assignment=assignment, roster=plan.roster, releases=releases)
    entries = [GradebookEntry.of(store, result, rules) for result in results if result.assignment == assignment.name]
    students = [student.id for student in plan.roster.students]
    try:
        done = sync(store.staff, plan.course, assignment, entries, students=students, opens_at=rules.options.opens_at)
    except GradebookError as error:
        listener.note(str(error))
        return
    for student, question in done.review:
        listener.note(f"{assignment.name}: {student}'s answer to {question} changed after a person graded it")
