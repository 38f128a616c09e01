"""From what was typed to what is to be graded: the course, the roster, the submissions, and who grades them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.course import Course
from autograder.course.fingerprint import tests_sha256
from autograder.course.packing import packed_assignment
from autograder.course.releases import load_releases
from autograder.course.roster import Roster, course_roster
from autograder.course.secret import course_secret
from autograder.course.variant_table import read_variant_table
from autograder.notebooks.variant_cell import variant_cell_of
from autograder.runs.report import RunPlan
from autograder.submissions.find import Intake, Request, take_in, wanted_of
from autograder.submissions.receipt import Clock
from autograder.submissions.submission import Submission
from autograder.submissions.worksheet import NO_WORKSHEET, read_worksheet
from autograder.workers.hosts import Machines, fewest_needed
from autograder.workers.lanes import Target
from autograder.workers.pool import Pool, WorkerPool, setup_for
from autograder.workers.resident import ResidentPool, ResidentRefused
from autograder.workers.resident_socket import ResidentGone


def make_plan(
    course: Course,
    course_path: Path,
    paths: Sequence[Path],
    *,
    assignment: str | None,
    output: Path,
    worksheet: Path | None = None,
    layout: str = "",
) -> RunPlan:
    """Read the roster and find the submissions in `paths`, with one slot to grade them.

    assignment: which one they are, where the notebooks do not say. worksheet: who is behind a download's numbers.
    layout: how the paths are laid out, where that is not recognised. Raises RosterError, WorksheetError,
    SubmissionError, ReleasesError.
    """
    roster, intake = read_intake(course, paths, assignment=assignment, worksheet=worksheet, layout=layout)
    return RunPlan(
        course, course_path, roster, intake.submissions, output, jobs=1, left_over=intake.left_over, notes=intake.notes
    )


def read_intake(
    course: Course, paths: Sequence[Path], *, assignment: str | None = None, worksheet: Path | None = None,
    layout: str = "",
) -> tuple[Roster, Intake]:  # fmt: skip
    """Return the roster, and everything that came in; each path counts once. Arguments and errors as for make_plan."""
    roster = course_roster(course)
    request = Request(
        wanted=wanted_of(course),
        roster=roster,
        only=assignment,
        rules=course.submissions,
        clock=Clock(course.zone),
        worksheet=read_worksheet(worksheet, roster) if worksheet is not None else NO_WORKSHEET,
        layout=layout,
    )
    once = {path.absolute(): path for path in paths}
    intake = take_in(list(once.values()), request)
    return roster, replace(intake, submissions=with_codes(course, roster, intake.submissions))


def with_codes(course: Course, roster: Roster, submissions: Sequence[Submission]) -> tuple[Submission, ...]:
    """Return the submissions, those to assignments with a variant cell with the code that the table has for them.

    Raises VariantTableError, ReleasesError.
    """
    table = read_variant_table(course.root)
    if table is None:
        return tuple(submissions)
    named = {submission.assignment for submission in submissions if submission.assignment}
    releases = {name: load_releases(course.assignment(name).releases_path).newest for name in named}
    personal = {name for name, newest in releases.items() if newest is not None and variant_cell_of(newest.cells)}
    codes = table.codes(roster) if personal else {}
    return tuple(
        replace(one, variant=codes.get(one.subject, "")) if one.matched and one.assignment in personal else one
        for one in submissions
    )


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


def with_machines(plan: RunPlan, machines: Machines, tell: Callable[[str], None]) -> RunPlan:
    """Return the plan with workers on the machines of a file of hosts. tell: called with what a person should know."""

    def open_pool(plan: RunPlan, name: str, submissions: int) -> Pool:
        assignment = plan.course.assignment(name)
        sent = any(not host.is_here and not host.course for host in machines.hosts) or machines.scheduler is not None
        packed = packed_assignment(plan.course_path, assignment) if sent else b""
        setup = setup_for(
            plan.course_path, name, plan.backend, course_secret(plan.course.root), plan.image, tests_sha256(assignment)
        )
        if machines.scheduler is not None:
            from autograder.workers.dask_pool import DaskPool  # an extra

            return DaskPool(
                machines.scheduler,
                setup.model_copy(update={"packed": packed}),
                assignment.limits,
                tell=tell,
                batch=submissions // 16,
            )
        hosts = fewest_needed(machines.hosts, submissions)
        return WorkerPool(setup, assignment.limits, hosts=hosts, packed=packed, tell=tell)

    return replace(plan, open_pool=open_pool)


def own_pool(plan: RunPlan, name: str, submissions: int) -> WorkerPool:
    """Start workers of this process for one assignment, no more than there are submissions. Raises SecretError."""
    secret = course_secret(plan.course.root)
    setup = setup_for(plan.course_path, name, plan.backend, secret, plan.image)
    return WorkerPool(setup, plan.course.assignment(name).limits, workers=min(plan.jobs, submissions))
