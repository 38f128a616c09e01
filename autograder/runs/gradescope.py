"""The program that runs on Gradescope: one submission in, one `results.json` out, whatever happens.

Everything lies below one folder, /autograder there (`AUTOGRADER_GRADESCOPE_ROOT` names another). A submission is graded
as in any other run: it is laid out as Gradescope's own export would have it, so that whose it is and when it came in
are read by the one reader of that layout. The roster holds who Gradescope says they are, with opaque ids.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from autograder.course.course import Course, load_course
from autograder.exchange.gradescope.metadata import Metadata, read_metadata
from autograder.exchange.gradescope.results import not_graded, refused, results_of
from autograder.feedback.from_course import feedback_options
from autograder.files import write_whole
from autograder.records import Result
from autograder.results.store import Store
from autograder.runs.grade import run
from autograder.runs.plan import make_plan
from autograder.runs.report import RunPlan

ROOT = "AUTOGRADER_GRADESCOPE_ROOT"
_NOBODY = "unknown@gradescope.invalid"
_RUN = "run"  # folder of what one run makes
NOTHING = (
    "No notebook was found in what was handed in. Hand in the .ipynb file itself: no PDF, no link, no zip in a zip."
)


class Talk:
    """Says what happens on standard output, which Gradescope shows to instructors only."""

    def planned(self, total: int) -> None:
        """Pass over the plan: one submission is all there is."""

    def note(self, text: str) -> None:
        print(text, flush=True)

    def starting(self, assignment: str, to_grade: int, kept: int) -> None:
        print(f"grading {assignment}", flush=True)

    def ready(self, backend: str, unsafe: bool, seconds: float) -> None:
        print(f"sandbox {backend}, ready in {seconds:.1f} s", flush=True)

    def graded(self, result: Result, seconds: float) -> None:
        print(f"graded in {seconds:.1f} s: {result.outcome.value}", flush=True)


def main() -> int:
    """Write results.json. Returns 0 where the submission was judged, 1 where it was not through a fault of ours."""
    root = Path(os.environ.get(ROOT, "/autograder"))
    results = root / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    try:
        found = grade(root)
    except Exception as error:  # noqa: BLE001 - whatever it is, the student must hear that it is not theirs
        traceback.print_exc()
        found = not_graded(f"{type(error).__name__}: {error}")
    write_whole(results, json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False).encode())
    return 0 if any("score" in test for test in found["tests"]) else 1


def grade(root: Path) -> dict[str, Any]:
    """Return results.json for the submission below `root`. Raises whatever a run raises."""
    settings = json.loads((root / "source" / "settings.json").read_bytes())
    name = settings["assignment"]
    metadata = read_metadata(root / "submission_metadata.json")
    talk = Talk()
    for note in metadata.notes:
        talk.note(note)
    work = root / "source" / _RUN
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    course_file = _course_of(root / "source" / "course", metadata)
    course = load_course(course_file)
    _lay_out(root / "submission", work / "in", metadata)
    plan = make_plan(course, course_file, [work / "in"], assignment=name, output=work / "results")
    plan = replace(plan, jobs=1, backend=settings["backend"], gradebook=False, class_files=False)
    report = run(plan, talk)
    return _said(plan, course, name, metadata, settings.get("leaderboard") is True, report.problems)


def _said(
    plan: RunPlan, course: Course, name: str, metadata: Metadata, leaderboard: bool, problems: Sequence[str]
) -> dict[str, Any]:
    assignment = course.assignment(name)
    with Store(plan.output, write=False) as store:
        found = list(store.results())
    if not found:
        left = [f"{one.source}: {one.why}" for one in plan.left_over]
        by_tests = math.fsum(question.points for question in assignment.questions if question.kind != "manual")
        return refused(" ".join([*problems, *left]).strip() or NOTHING, by_tests)
    options = feedback_options(course, assignment, now=datetime.now(UTC), roster=plan.roster)
    return results_of(found[0], options, leaderboard=leaderboard, attempt=metadata.earlier + 1)


def _course_of(folder: Path, metadata: Metadata) -> Path:
    """Write the roster and a course.yaml with the deadline that holds for this submission; return the latter's path."""
    emails = metadata.emails or (_NOBODY,)
    group = "g1" if len(emails) > 1 else ""
    rows = [f"u{number},{_quoted(email)},{group}" for number, email in enumerate(emails, start=1)]
    (folder / "roster.csv").write_text("id,email,group\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    yaml = YAML()
    found = yaml.load((folder / "course.yaml").read_text(encoding="utf-8"))
    if metadata.due is not None:
        found["assignments"][0]["due"] = metadata.due.isoformat()
    path = folder / "course_of_run.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(found, file)
    return path


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _lay_out(submission: Path, target: Path, metadata: Metadata) -> None:
    """Make a folder like Gradescope's export of one submission. Links stay links, and are refused when read."""
    target.mkdir()
    if submission.is_dir():
        shutil.copytree(submission, target / "submission_1", symlinks=True, ignore=_only_files)
    else:
        (target / "submission_1").mkdir()
    lines = ["submission_1:", "  :submitters:"]
    lines += [f"  - :email: {json.dumps(email)}" for email in metadata.emails or (_NOBODY,)]
    if metadata.created_at is not None:
        lines.append(f"  :created_at: {json.dumps(metadata.created_at.isoformat())}")
    (target / "submission_metadata.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _only_files(folder: str, names: list[str]) -> list[str]:
    """Return what is not copied: pipes, sockets and devices, which would never end."""
    return [name for name in names if not _is_plain(Path(folder, name))]


def _is_plain(path: Path) -> bool:
    return path.is_symlink() or path.is_file() or path.is_dir()


if __name__ == "__main__":
    sys.exit(main())
