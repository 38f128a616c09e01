"""The whole of an import: read, try, choose levels, write an assignment into a course."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.course.course import load_course
from autograder.course.new import ASSIGNMENT_NAME, bare_course, with_entry
from autograder.exchange.legacy import report, write
from autograder.exchange.legacy.model import DraftQuestion, ForeignAssignment, ImportFailed
from autograder.exchange.legacy.trial import Backend, choose_levels, try_items
from autograder.files import write_whole
from autograder.sandbox.interface import Slot


@dataclass(frozen=True)
class Brought:
    """Hold what an import wrote. course_file: the course.yaml that has the new assignment."""

    draft: ForeignAssignment
    course_file: Path
    name: str
    written: tuple[Path, ...]


def bring(
    draft: ForeignAssignment, root: Path, name: str, title: str, backend: Backend = "auto", *, slot: Slot | None = None
) -> Brought:
    """Try the items of a draft and write it as the assignment `name` of the course in `root`, which may be new.

    slot: the sandbox to try them in, instead of a fresh one of `backend`. Raises ImportFailed, and CourseError where
    course.yaml is wrong already.
    """
    if not ASSIGNMENT_NAME.fullmatch(name):
        raise ImportFailed(f"{name!r}: expected a name of letters, digits, '_' and '-', at most 64, such as 01_first")
    course_file = root / "course.yaml"
    if (root / "solutions" / name).exists() or (course_file.exists() and _has(course_file, name)):
        raise ImportFailed(f"{name}: the course has an assignment of this name; choose another with --name")
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        trial = try_items(draft, Path(folder), backend, slot)
    choose_levels(draft, trial)
    leave_out(draft)
    return Brought(draft, course_file, name, tuple(_write(draft, root, course_file, name, title)))


def _has(course_file: Path, name: str) -> bool:
    return name in {known.name for known in load_course(course_file).assignments}


def leave_out(draft: ForeignAssignment) -> None:
    """Take the items that cannot be judged here out of the points; a question left without one is a person's."""
    for question in list(draft.questions):
        items = [item for item in draft.items if item.question == question.id]
        kept = [item for item in items if item.level is not None]
        if question.kind == "manual" or len(kept) == len(items):
            continue
        if kept:
            question.points = round(sum(item.points for item in kept), 6)
            continue
        question.kind = "manual"
        draft.note(question.id, "none of its items can be judged here: a person grades it")
        for cell in draft.cells:
            if cell.question == question.id and cell.role == "check" and cell.grade_id == f"check_{question.id}":
                cell.grade_id = f"{question.id}-check"
            if cell.question == question.id and cell.role == "blank":
                cell.role = "manual"
                if cell.grade_id != question.id:  # a question for a person has one cell
                    cell.question = cell.grade_id
                    draft.questions.append(DraftQuestion(cell.grade_id, question.title, "manual", question.points))
                    question.points = 0.0
        if not any(cell.question == question.id and cell.role == "manual" for cell in draft.cells):
            draft.questions.remove(question)


def _write(draft: ForeignAssignment, root: Path, course_file: Path, name: str, title: str) -> list[Path]:
    entry = write.entry(draft, name, title, write.public_paths(draft, name))
    files = write.files(draft, name)
    files[f"solutions/{name}/{report.FILE}"] = report.as_markdown(draft).encode()
    if course_file.exists():
        files["course.yaml"] = with_entry(course_file.read_text(encoding="utf-8"), entry).encode()
    else:
        texts = bare_course(title)
        texts["course.yaml"] += entry
        files |= {path: text.encode() for path, text in texts.items() if not (root / path).exists()}
    written = []
    for path, data in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, data)
        written.append(place)
    return written
