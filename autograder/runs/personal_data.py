"""What a results folder holds about one student: told to that student, or erased.

What a student is told shows nobody else: work of a group is theirs, the other members are not named. Erasure removes
what is this student's alone; work that a group handed in together belongs to the others too and stays, without this
student in any list. What remains of them are counts and sums (`forgotten.json`), which name nobody.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.files import write_whole
from autograder.records import Result
from autograder.results.store import Place, Store
from autograder.runs.publish import Register, withdraw
from autograder.submissions.arrivals import read_arrivals, write_arrivals


@dataclass(frozen=True)
class Erased:
    """What was erased. shared: places of groups whose work stays, since it is others' too."""

    removed: tuple[str, ...]
    shared: tuple[str, ...]
    pages: int


def places_of(store: Store, student: str) -> Iterator[tuple[Place, Result | None, bool]]:
    """Return every submission of a student, its result, and whether others share it."""
    for place in store.places():
        evidence = store.latest(place)
        members = evidence.submission.members if evidence is not None else ()
        if place.subject == student or student in members:
            yield place, store.result(place), place.subject != student or len(members) > 1


def held_about(store: Store, student: str) -> dict[str, Any]:
    """Return what is held about a student, naming nobody else."""
    submissions = []
    for place, result, shared in places_of(store, student):
        folder = store.staff / "evidence" / place.assignment / place.subject
        submissions.append(
            {
                "assignment": place.assignment,
                "handed_in_with_others": shared,
                "attempts": len(list(folder.glob("attempt-???.json"))),
                "received_at": result.received_at.isoformat() if result and result.received_at else None,
                "score": result.score if result else None,
                "max_score": result.max_score if result else None,
                "questions": [
                    {"id": q.id, "score": q.score, "max_score": q.max_score, "status": q.status, "comment": q.comment}
                    for q in (result.questions if result else ())
                ],
                "remarks": list(result.flags) if result else [],
                "changes": [
                    {"when": event.when.isoformat(), "why": event.why, "before": event.before, "after": event.after}
                    for event in store.events_of(place)
                ],
            }
        )
    published = [
        {"assignment": entry.assignment, "published_at": entry.published_at.isoformat()}
        for entry in Register.read(store.staff).entries.values()
        if entry.student == student
    ]
    return {"schema_version": 1, "student": student, "submissions": submissions, "published": published}


def copy_files(store: Store, student: str, target: Path) -> int:
    """Copy a student's own notebooks and pages into a folder; returns how many files. Pages of groups name the other
    members, so they are left out."""
    count = 0
    for place, _, shared in places_of(store, student):
        folder = target / place.assignment
        folder.mkdir(parents=True, exist_ok=True)
        evidence = store.latest(place)
        if evidence is not None:
            write_whole(folder / "notebook.ipynb", store.notebook(evidence))
            count += 1
        if not shared and store.page(place).is_file():
            write_whole(folder / "feedback.html", store.page(place).read_bytes())
            count += 1
    return count


def erase(store: Store, student: str, published: Path | None, now: datetime) -> Erased:
    """Remove what is held about a student; `published` is the folder of published pages. The store is open to write.

    Every step can be repeated: a run that was interrupted is finished by the next. What stands about the class
    (grades.csv, pages for teachers) is written again by whoever calls, and the roster is the course's own file.
    """
    removed, shared = [], []
    for place, result, others in list(places_of(store, student)):
        if others:
            shared.append(f"{place.assignment}/{place.subject}")
            continue
        if result is not None and result.score is not None:
            _count(store.staff, result)
        for folder in (store.page(place).parent, store.folder(place),
                       store.staff / "evidence" / place.assignment / place.subject):  # fmt: skip
            if folder.is_dir():
                shutil.rmtree(folder)
        removed.append(f"{place.assignment}/{place.subject}")
    store.forget_events(student)
    store.layout.overview(student).unlink(missing_ok=True)
    arrivals = read_arrivals(store.staff)
    kept = tuple(one for one in arrivals.arrivals if one.subject != student and one.members != (student,))
    others_of = tuple(one for one in arrivals.students if one != student)
    write_arrivals(store.staff, arrivals.model_copy(update={"arrivals": kept, "students": others_of}))
    register = Register.read(store.staff)
    pages = withdraw((student,), published or store.staff / "nowhere", register, now)
    register.forget(student)
    _out_of_nbgrader(store.staff, student)
    return Erased(tuple(removed), tuple(shared), pages)


def _count(staff: Path, result: Result) -> None:
    """Add a grade to the sums that stay: how many, and of which points, by assignment."""
    path = staff / "forgotten.json"
    try:
        sums: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        sums = {}
    one = sums.setdefault(result.assignment, {"submissions": 0, "score": 0.0, "max_score": 0.0})
    one["submissions"] += 1
    one["score"] = round(one["score"] + (result.score or 0.0), 6)
    one["max_score"] = round(one["max_score"] + result.max_score, 6)
    write_whole(path, (json.dumps(sums, indent=1, sort_keys=True) + "\n").encode())


def _out_of_nbgrader(staff: Path, student: str) -> None:
    """Remove a student's rows and files in nbgrader's tree, where there is one."""
    for folder in ("autograded", "submitted", "feedback"):
        if (staff / folder / student).is_dir():
            shutil.rmtree(staff / folder / student)
    if (staff / "gradebook.db").exists():
        from nbgrader.api import Gradebook, MissingEntry  # seconds: only where there is a gradebook

        with Gradebook(f"sqlite:///{staff / 'gradebook.db'}") as gradebook:
            try:
                gradebook.remove_student(student)
            except MissingEntry:
                return


def unknown(store: Store, student: str, roster: Sequence[str]) -> bool:
    """Return whether nothing at all is held under this id."""
    if student in roster or any(True for _ in places_of(store, student)):
        return False
    return not any(entry.student == student for entry in Register.read(store.staff).entries.values())
