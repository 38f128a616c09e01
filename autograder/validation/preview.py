"""The pages of `autograder preview`: the starter as a student sees it, and the feedback that each variant of the bank
gets, all from the files as they lie there now.

Whatever is graded runs in the same sandbox as students' notebooks. The pages show everything that students will see
some day: what waits for the deadline is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.adjustments import Adjustments
from autograder.course.bank import VariantError
from autograder.course.course import Assignment, Course, CourseError, load_course
from autograder.course.releases import Releases
from autograder.course.secret import SecretError, course_secret
from autograder.feedback.cells import NotebookView, notebook_view
from autograder.files import write_whole
from autograder.notebooks.read import read_notebook
from autograder.pages.templates import render
from autograder.records import Evidence, Result
from autograder.release.starter import Release, ReleaseError, build_release, read_master, solution_notebook
from autograder.results.from_evidence import Reason, Rules, derive
from autograder.validation.cases import Case, cases, run_cases
from autograder.validation.run import Told
from autograder.workers.pool import Done, WorkerPool, WorkerSetupError, setup_for

INDEX = "index.html"
STARTER = "starter.html"
_SHOWN = ("solution", "starter", "right", "wrong")
_IGNORED = ("__pycache__", ".ipynb_checkpoints")
Stamp = Mapping[Path, tuple[int, int]]


@dataclass(frozen=True)
class PreviewRow:
    """One graded notebook. page: the name of its file; "" where nothing could be graded, and `told` says why. told:
    else the mistakes that were recognised."""

    kind: str
    name: str
    questions: str
    points: str
    page: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class AssignmentPreview:
    """Hold what `index.html` shows. problems: why there are no pages. files: what students get, the notebook among
    it."""

    title: str
    made_at: str
    problems: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    rows: tuple[PreviewRow, ...] = ()


def build_preview(
    path: Path, name: str, folder: Path, *, jobs: int, backend: str, now: datetime, told: Told
) -> tuple[AssignmentPreview, Path]:
    """Write the pages of one assignment into `folder`, and return what its index shows and where that lies.

    path: of course.yaml, which is read again. Pages of an earlier call that are no longer true are removed. Never
    raises for what an author can mend: it stands in `problems`, and on the index.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, str] = {}
    try:
        preview = _preview(path, name, pages, jobs, backend, now, told)
    except ReleaseError as error:
        preview = AssignmentPreview(name, _clock(now), problems=error.messages)
    except (CourseError, VariantError, WorkerSetupError, SecretError, KeyError) as error:
        preview = AssignmentPreview(name, _clock(now), problems=(str(error.args[0] if error.args else error),))
    pages[INDEX] = render("preview.html", sheets=("validation.css",), view=preview, starter=STARTER)
    for old in (*folder.glob("right_*-feedback.html"), *folder.glob("wrong_*-feedback.html"), folder / STARTER):
        if old.name not in pages and old.is_file():
            old.unlink()
    for page, text in pages.items():
        write_whole(folder / page, text.encode())
    return preview, folder / INDEX


def _preview(
    path: Path, name: str, pages: dict[str, str], jobs: int, backend: str, now: datetime, told: Told
) -> AssignmentPreview:
    """Return what the index shows, and put the pages beside it into `pages`."""
    course = load_course(path)
    assignment = course.assignment(name)
    release = build_release(assignment)
    files = tuple(sorted(release.files))
    notebook = release.files[f"{assignment.name}.ipynb"]
    pages[STARTER] = render("starter.html", title=assignment.title, course=course.title, notebook=_as_read(notebook))
    wanted = [
        case for case in cases(assignment, solution_notebook(read_master(assignment)), notebook) if case.kind in _SHOWN
    ]
    rules = _rules(course, assignment, release, now)
    setup = setup_for(path.resolve(), assignment.name, backend, course_secret(course.root))
    rows: dict[str, PreviewRow] = {}
    with WorkerPool(setup, assignment.limits, workers=jobs) as pool:
        for case, done in told(run_cases(pool, wanted), len(wanted), f"{assignment.name}, notebooks"):
            rows[case.name] = _row(case, done, rules, pages, now)
    return AssignmentPreview(assignment.title, _clock(now), (), files, tuple(rows[case.name] for case in wanted))


def _as_read(notebook: bytes) -> NotebookView | None:
    return notebook_view(read_notebook(notebook), (), ())


def _rules(course: Course, assignment: Assignment, release: Release, now: datetime) -> Rules:
    """Return the rules of grading after the deadline, with the release that the files make now."""
    opened = max(now, assignment.due + timedelta(days=1)) if assignment.due is not None else now
    releases = Releases((release.descriptor,))
    return Rules(course, assignment, adjustments=Adjustments(), releases=releases, now=opened)


def _row(case: Case, done: Done, rules: Rules, pages: dict[str, str], now: datetime) -> PreviewRow:
    questions = ", ".join(case.questions)
    if done.graded is None:
        return PreviewRow(case.kind, case.name, questions, "", "", (f"could not be graded: {done.reason}",))
    evidence = _as_their_own(done.graded.evidence)
    derived = derive(evidence, case.notebook, done.graded.outputs, rules, Reason("preview", "", now))
    page = f"{case.name}-feedback.html"
    pages[page] = derived.feedback
    sentences = tuple(f"{found.question}: {found.sentence}" for found in evidence.misconceptions)
    reason = (evidence.reason,) if evidence.reason else ()
    return PreviewRow(case.kind, case.name, questions, _points(derived.result), page, (*reason, *sentences))


def _as_their_own(evidence: Evidence) -> Evidence:
    """Return the evidence as if the personal variant in the notebook were the student's."""
    if evidence.variant is None:
        return evidence
    return evidence.model_copy(update={"variant": evidence.variant.model_copy(update={"agrees": True})})


def _points(result: Result) -> str:
    return " ".join(f"{q.id} {q.score:g}/{q.max_score:g}" for q in result.questions if q.score is not None)


def _clock(now: datetime) -> str:
    return now.astimezone().strftime("%H:%M:%S")


def stamp(path: Path, name: str) -> Stamp:
    """Return when each file that an assignment's pages follow from was written (ns), and its size in bytes.

    Where course.yaml cannot be read, it is that file alone, so that mending it is seen.
    """
    try:
        assignment = load_course(path).assignment(name)
    except (CourseError, KeyError):
        return dict(_stamps([path]))
    return dict(_stamps([path, *_files(assignment)]))


def _files(assignment: Assignment) -> Iterator[Path]:
    for root in (assignment.solution_dir, *assignment.public_paths):
        yield from (root.rglob("*") if root.is_dir() else (root,))


def _stamps(files: list[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for file in files:
        if any(part in _IGNORED for part in file.parts):
            continue
        try:
            found = file.stat()
        except OSError:  # an editor replaces it just now
            continue
        if file.is_file():
            yield file, (found.st_mtime_ns, found.st_size)
