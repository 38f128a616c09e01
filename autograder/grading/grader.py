"""One submission in one slot: notebook bytes in, evidence and outputs out.

Theory of operation
===================

`Grader` is made once per worker: it collects the hidden tests, executes the solution (the reference) and
reads how long the solution takes. `Grader.grade` is called per submission and never raises for anything a
student did:

1. The notebook is read as untrusted data and matched with the released starter. What cannot be read is
   `ungradable`, with the reason in words for the student.
2. Its cells run in a fresh student process (`autograder.grading.student_run`).
3. The collected hidden tests run against forks of that process, which `autograder.testing.forks` deals
   out. A test that fails in a fork which other tests have used runs again in a fresh one, and only that
   counts: nothing is lost through what another test left behind. While a fork lives, the worker holds
   the shared lock of `autograder.grading.machine_lock`.
4. Where a test failed that has a public twin or stands on an earlier function, or one ended in `timeout`, the student
   process is ended and a second one runs the cells again: what must not come near a hidden input runs in
   its forks (`autograder.suite.second`). Tests that ended in `timeout`, or were not started because of one, run
   once more in it, with other inputs and alone on the machine. What they say then is the verdict.
5. The student process and everything it started is ended before the evidence is returned, so that the
   next submission starts from the zygote alone.
6. What the student's code answered in a question that failed is held against the known mistakes of the
   bank (`autograder.grading.misconceptions`).

`SandboxFault`, and only that, becomes `not_graded`: our fault, never a zero. The pool then replaces this
worker. The time limits: one budget for all of a submission; each call at most twenty times what the
solution took; after two timeouts in a question its remaining tests are not started.
"""

from __future__ import annotations

import hmac
import platform
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from autograder import __version__
from autograder.course.bank import VariantError
from autograder.course.call_times import read_call_times
from autograder.course.course import Assignment
from autograder.course.fingerprint import tests_sha256
from autograder.course.imported import foreign_cells
from autograder.course.releases import ReleasesError, load_releases
from autograder.course.secret import seed_id
from autograder.grading import personal
from autograder.grading.acts import acts
from autograder.grading.answers import AnswerBook
from autograder.grading.draws import draw_again
from autograder.grading.errors import GraderError
from autograder.grading.graded import Draft, GradedSubmission
from autograder.grading.machine_lock import MachineLock
from autograder.grading.misconceptions import Recogniser
from autograder.grading.notices import bound_again, built_ins_replaced, newer_syntax, not_there
from autograder.grading.options import Focus
from autograder.grading.own_key import asked_in
from autograder.grading.passes import Passes, SessionOver
from autograder.grading.personal import used_without_cell, variant_used
from autograder.grading.placed import positions_of_places
from autograder.grading.reference_weights import WEIGHTS_FOLDER, ReferenceWeights
from autograder.grading.seeded_cells import with_seeds
from autograder.grading.session import GradingSession
from autograder.grading.student_run import Budget, Step, StudentRun, limits_used
from autograder.grading.suspicion import Canaries, forbidden_calls
from autograder.notebooks.matching import match_to_release, matched_cells, not_found
from autograder.notebooks.plan import plan_execution
from autograder.notebooks.read import Notebook, NotebookError, in_our_terms, read_notebook
from autograder.notebooks.variant_cell import find_variant_cell, with_variant
from autograder.records import (
    Evidence,
    Outcome,
    SandboxUse,
    SubmissionInfo,
    TestStatus,
    Timings,
)
from autograder.sandbox.interface import SandboxFault, Slot
from autograder.suite.suite import Suite, SuiteError, collect
from autograder.testing.inputs import Noted, inputs_met, noting_inputs

EVERYTHING = Focus()


def collected(assignment: Assignment) -> Suite:
    """Return the assignment's hidden tests. Raises GraderError if they or the solution cannot be used."""
    try:
        return collect(assignment)
    except SuiteError as error:
        raise GraderError(str(error)) from error


class Grader:
    """Grades submissions of one assignment in one slot, one after another."""

    def __init__(
        self, assignment: Assignment, slot: Slot, secret: bytes, quiet: MachineLock, suite: Suite | None = None
    ) -> None:
        """Take the assignment's `suite`, if it is collected already. Raises GraderError if the hidden tests, the
        solution or the releases cannot be used."""
        self._assignment = assignment
        self._slot = slot
        self._quiet = quiet
        self._secret = secret
        self._seed_key = hmac.digest(secret, b"assignment:" + assignment.name.encode(), "sha256")
        try:
            self._releases = load_releases(assignment.releases_path).entries
        except ReleasesError as error:
            raise GraderError(str(error)) from error
        newest = self._releases[-1].cells if self._releases else ()
        self._handed_out = {cell.grade_id: cell.source for cell in newest if cell.grade_id}
        self._suite = collected(assignment) if suite is None else suite
        try:
            self._recogniser = Recogniser(assignment, self._suite, self._seed_key)
        except VariantError as error:
            raise GraderError(str(error)) from error
        try:
            self._foreign = foreign_cells(assignment)
        except ValueError as error:
            raise GraderError(str(error)) from error
        self._call_times = read_call_times(assignment.solution_dir)
        self._tests_sha256 = tests_sha256(assignment)
        self._reference_weights = ReferenceWeights(assignment.root / WEIGHTS_FOLDER)
        self._allowed_calls = acts(assignment.solution_path.read_text(encoding="utf-8"))
        self._canaries = Canaries(
            {"the course's folder": str(assignment.solution_dir), "the course's secret": secret.decode("latin-1")}
        )
        self._versions = versions()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._suite.close()

    def grade(
        self,
        submission: SubmissionInfo,
        notebook: bytes,
        artifacts: Mapping[str, bytes] | None = None,
        *,
        focus: Focus = EVERYTHING,
        broke_before: bool = False,
    ) -> GradedSubmission:
        """Grade one notebook, with the files handed in beside it. Whatever a student did becomes evidence.

        broke_before: grading it has failed in another process. What breaks this one, too, costs the test that it
        happens in, and not the whole submission.
        """
        started = time.monotonic()
        draft = Draft(broke_before=broke_before)
        try:
            read = read_notebook(notebook, submission.source or "the notebook", outputs=False)
        except NotebookError as error:
            draft.outcome, draft.reason = Outcome.UNGRADABLE, str(error)
        else:
            try:
                self._grade(read, submission, artifacts or {}, focus, draft)
            except SandboxFault as fault:
                draft = Draft(outcome=Outcome.NOT_GRADED, reason=f"the sandbox failed: {fault}")
        draft.timings["total"] = time.monotonic() - started
        return GradedSubmission(
            evidence=self._evidence(submission, draft),
            outputs=draft.outputs,
            call_seconds=draft.call_seconds,
            distances=draft.distances,
            alike=draft.alike,
            draws=draft.draws,
            inputs=draft.inputs,
        )

    def _grade(
        self,
        notebook: Notebook,
        submission: SubmissionInfo,
        artifacts: Mapping[str, bytes],
        focus: Focus,
        draft: Draft,
    ) -> None:
        sha256 = submission.notebook_sha256
        notebook = in_our_terms(notebook, self._foreign, self._handed_out)
        questions = [question.id for question in self._assignment.questions]
        matching = match_to_release(notebook, self._releases, questions)
        cell = find_variant_cell(notebook, matching)
        if cell is not None:
            draft.variant = used = variant_used(cell, submission)
            draft.flags += personal.flags(used, submission)
            draft.notices += personal.notices(used, submission, cell.handed_out)
            notebook, releases = with_variant(notebook, matching.release, cell, used.code)
            matching = replace(match_to_release(notebook, releases, questions), notices=matching.notices)
        elif (without := used_without_cell(matching.release, self._releases, submission)) is not None:
            draft.variant = without
            draft.flags += personal.flags(without, submission, cell=False)
            draft.notices += personal.notices(without, submission, None)
        asked = asked_in(matching.release, self._releases, questions, self._suite.reference)
        draft.flags += asked.flags
        plan = plan_execution(notebook, matching)
        draft.release = notebook.release
        draft.compared_with = matching.release.release if matching.release else ""
        draft.matched = matched_cells(matching)
        draft.notices += [*notebook.notices, *matching.notices, *plan.notices]
        steps = [
            Step(cell.index, cell.source, cell.action == "run", cell.reason, cell.added, cell.role, cell.names)
            for cell in plan.cells
        ]
        seed = self._foreign.seed
        if seed is not None and seed.variable:
            steps = with_seeds(steps, seed)
        limits = self._assignment.limits
        budget = Budget(limits.submission_seconds)
        with self._quiet.counting(budget.extend):
            places = positions_of_places(matching, steps)
            scored_at = {places[test.at] for test in self._suite.tests if test.at in places}
            run = StudentRun(
                self._slot, limits, steps, self._process_seed(sha256), self._quiet, budget, scored_at,
                cell_seed=seed.value if seed is not None and not seed.variable else None,
            )  # fmt: skip
            try:
                started = time.monotonic()
                run.run_notebook()
                draft.timings["notebook"] = time.monotonic() - started - run.fork_seconds
                started = time.monotonic()
                variant = draft.variant.code if draft.variant is not None else ""
                session_over = self._sessions(run, notebook, sha256, artifacts, budget, variant, asked.reference)
                passes = Passes(
                    self._suite, run, session_over, self._quiet, budget, self._seed_key, focus, draft, places
                )
                noted: AbstractContextManager[Noted] = noting_inputs() if focus.inputs else nullcontext({})
                with noted as sent:
                    draft.tests = passes.outcomes()
                draft.inputs = self._suite.inputs_met(inputs_met(sent)) if focus.inputs else ()
                draft.timings["tests"] = time.monotonic() - started
                if focus.draws:
                    drawn = self._sessions(run, notebook, "", {}, budget, variant, asked.reference)
                    draft.draws = draw_again(
                        self._suite,
                        lambda drawn_from: drawn(self._seed_key, notebook_sha256=drawn_from),
                        sha256,
                        draft.tests,
                        focus.drawn,
                        focus.draws,
                    )
            finally:
                run.end()
        passed = {outcome.question for outcome in draft.tests if outcome.status is TestStatus.PASSED}
        draft.notices += [*not_found(matching, passed), *bound_again(run.rebound, len(notebook.cells))]
        # These lead: other errors may follow from them.
        draft.notices[:0] = [
            *built_ins_replaced(run.rebound, run.cells),
            *not_there(run.cells, notebook),
            *newer_syntax(run.cells, notebook),
        ]
        if focus.remedies:
            self._recognise(draft, sha256, asked.otherwise)
        draft.cells, draft.outputs = run.cells, run.outputs
        draft.flags += [*run.flags, *self._reference_weights.flags(artifacts)]
        draft.flags += forbidden_calls(
            {step.index: step.source for step in steps if not step.added}, self._allowed_calls
        )
        draft.flags += self._canaries.flags(draft.outputs, draft.cells, draft.tests)
        draft.timings["fork"] = run.fork_seconds
        draft.restarts, draft.peak_memory_bytes = run.replays, run.peak_memory_bytes

    def _sessions(
        self,
        run: StudentRun,
        notebook: Notebook,
        sha256: str,
        artifacts: Mapping[str, bytes],
        budget: Budget,
        variant: str,
        reference: Mapping[str, Any],
    ) -> SessionOver:
        """Return what makes a session over this run: each pass of the hidden tests has one of its own."""

        def session_over(
            key: bytes, *, alone: bool = False, book: AnswerBook | None = None, notebook_sha256: str = sha256
        ) -> GradingSession:
            return GradingSession(
                run=run,
                limits=self._assignment.limits,
                budget=budget,
                quiet=self._quiet,
                alone=alone,
                call_times=self._call_times,
                reference=reference,
                probe_source=self._suite.probe_source,
                sources=[cell.source for cell in notebook.cells],
                seed_key=key,
                notebook_sha256=notebook_sha256,
                artifacts=artifacts,
                book=book,
                variant=variant,
            )

        return session_over

    def _recognise(self, draft: Draft, sha256: str, asked_otherwise: Collection[str]) -> None:
        """Name the known mistakes among those that were made. The bank knows none of questions asked otherwise."""
        theirs = {outcome.name for outcome in draft.tests if outcome.question in asked_otherwise}
        answers = {test: found for test, found in draft.answers.items() if found is not None and test not in theirs}
        variant = draft.variant.code if draft.variant is not None else ""
        recognised = self._recogniser.recognise(draft.tests, answers, sha256, variant)
        draft.misconceptions, draft.alike = recognised.misconceptions, dict(recognised.alike)
        ids = {found.question: found.id for found in draft.misconceptions}
        draft.tests = [
            outcome.model_copy(update={"misconception": ids[outcome.question]})
            if outcome.question in ids and outcome.status is not TestStatus.PASSED
            else outcome
            for outcome in draft.tests
        ]

    def _process_seed(self, sha256: str) -> int:
        """Return the seed of the student process's own generators: the same for a regrade, not to be guessed."""
        return int.from_bytes(hmac.digest(self._seed_key, b"process:" + sha256.encode(), "sha256")[:6], "big")

    def _evidence(self, submission: SubmissionInfo, draft: Draft) -> Evidence:
        return Evidence(
            assignment=self._assignment.name,
            release=draft.release,
            compared_with=draft.compared_with,
            submission=submission,
            outcome=draft.outcome,
            reason=draft.reason,
            tests=tuple(draft.tests),
            misconceptions=draft.misconceptions,
            cells=draft.cells,
            variant=draft.variant if draft.outcome is Outcome.GRADED else None,
            matched=draft.matched if draft.outcome is Outcome.GRADED else None,
            flags=tuple(dict.fromkeys(draft.flags)),
            notices=tuple(dict.fromkeys(draft.notices)),
            sandbox=SandboxUse(
                backend=self._slot.backend,
                unsafe=self._slot.unsafe,
                image=self._slot.image,
                limits=dict(limits_used(self._assignment.limits)),
                restarts=draft.restarts,
                peak_memory_bytes=draft.peak_memory_bytes,
            ),
            timings=Timings(**{name: round(seconds, 4) for name, seconds in draft.timings.items()}),
            tests_sha256=self._tests_sha256,
            seed_id=seed_id(self._secret),
            versions=self._versions,
            graded_at=datetime.now(UTC),
        )


def versions() -> dict[str, str]:
    """Return what graded: the engine, and what decides numbers."""
    modules = ((name, sys.modules.get(name)) for name in ("numpy", "scipy", "pandas", "polars", "torch"))
    libraries = {name: str(getattr(module, "__version__", "")) for name, module in modules if module is not None}
    return {
        "engine": __version__,
        "python": platform.python_version(),
        **libraries,
        "platform": platform.platform(),
    }
