"""From what was typed to what is to be graded: the course, the roster, the submissions, and who grades them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.course import Course
from autograder.course.fingerprint import tests_sha256
from autograder.course.roster import EMPTY_ROSTER, load_roster
from autograder.course.secret import course_secret
from autograder.runs.report import RunPlan
from autograder.submissions.find import find_submissions
from autograder.workers.lanes import Target
from autograder.workers.pool import Pool, WorkerPool, setup_for
from autograder.workers.resident import ResidentPool, ResidentRefused
from autograder.workers.resident_socket import ResidentGone


def make_plan(
    course: Course, course_path: Path, paths: Sequence[Path], *, assignment: str | None, output: Path
) -> RunPlan:
    """Read the roster and find the submissions in `paths`, with one slot to grade them.

    assignment: which one they are, where the notebooks do not say. Raises RosterError, SubmissionError.
    """
    names = [known.name for known in course.assignments]
    roster = load_roster(course.roster_path, names) if course.roster_path is not None else EMPTY_ROSTER
    submissions = [
        submission
        for path in paths
        for submission in find_submissions(path, assignments=names, roster=roster, assignment=assignment)
    ]
    return RunPlan(course, course_path, roster, submissions, output, jobs=1)


def with_resident(plan: RunPlan) -> RunPlan:
    """Return the plan with the resident grader's slots instead of our own, wherever one runs and takes the work."""
    return replace(plan, open_pool=_resident_or_own)


def _resident_or_own(plan: RunPlan, name: str, submissions: int) -> Pool:
    target = Target(plan.course_path, name, plan.backend, plan.image)

    def own() -> Pool:
        return own_pool(plan, name, submissions)

    try:
        return ResidentPool(target, tests_sha256(plan.course.assignment(name)), own)
    except (ResidentGone, ResidentRefused):
        return own()


def own_pool(plan: RunPlan, name: str, submissions: int) -> WorkerPool:
    """Start workers of this process for one assignment, no more than there are submissions. Raises SecretError."""
    secret = course_secret(plan.course.root)
    setup = setup_for(plan.course_path, name, plan.backend, secret, plan.image)
    return WorkerPool(setup, plan.course.assignment(name).limits, workers=min(plan.jobs, submissions))
