"""Blanks that do nothing, in an assignment that was imported: what its tests give them is listed, not changed.

Tests of other graders try a few fixed inputs, and nothing is often right for one of them. `autograder validate` would
call that off in every imported assignment, so an import lists it in `doing_nothing.yaml` with the reason; who makes
the tests stronger takes the entries out again.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course.course import Assignment
from autograder.files import write_whole
from autograder.release.starter import read_master, solution_notebook
from autograder.validation.cases import run_cases
from autograder.validation.noops import excused_path, noop_cases
from autograder.validation.verdict import judge
from autograder.workers.pool import WorkerPool, setup_for

REASON = "An imported test, as it was: this answer is right for its inputs."


def list_what_nothing_earns(course_file: Path, assignment: Assignment, backend: str) -> int:
    """Write doing_nothing.yaml for an assignment that was just imported. Returns the number of entries.

    Raises ReleaseError and WorkerSetupError.
    """
    master = read_master(assignment)
    wanted = list(noop_cases(master, solution_notebook(master)))
    found: list[tuple[str, str]] = []
    if wanted:
        setup = setup_for(course_file.resolve(), assignment.name, backend, b"import" * 6)
        with WorkerPool(setup, assignment.limits, workers=1) as pool:
            for case, done in run_cases(pool, wanted):
                result = judge(case, done, assignment).result
                earned = {question.id for question in result.questions if question.score} if result is not None else ()
                found += [(id, case.answer) for id in case.questions if id in earned]
    if found:
        entries = [f"- question: {id}\n  answer: {answer}\n  reason: {REASON!r}\n" for id, answer in sorted(found)]
        write_whole(excused_path(assignment), "".join(entries).encode())
    return len(found)
