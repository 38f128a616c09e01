"""What a results folder and the table of personal variants hold about one student: told to that student, or erased.

What a student is told shows nobody else: work of a group is theirs, the other members are not named. Erasure removes
what is this student's alone; work that a group handed in together belongs to the others too and stays, without this
student in any list. What remains of them are counts and sums (`forgotten.json`), which name nobody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.course import Course
from autograder.course.roster import Roster
from autograder.course.variant_table import Row, VariantTable, read_variant_table, write_variant_table
from autograder.course.viva import FOLDER as VIVA
from autograder.files import write_whole
from autograder.pages.text import plural
from autograder.records import Result
from autograder.results.store import Place, Store, StoreError
from autograder.runs.publish import PublishError, Register, withdraw
from autograder.submissions.arrivals import read_arrivals, write_arrivals


@dataclass(frozen=True)
class Erased:
    """Hold what was erased. shared: groups whose work stays, since it is others' too. pages: published ones that were
    taken down; missing: how many of them did not lie in the folder that was named. codes: rows of the table of
    personal variants that named the student."""

    removed: tuple[Place, ...]
    shared: tuple[Place, ...]
    pages: int
    missing: int = 0
    codes: tuple[Row, ...] = ()


def places_of(store: Store, student: str) -> Iterator[tuple[Place, Result | None, bool]]:
    """Return every submission of a student, its result, and whether others share it."""
    for place in store.places():
        evidence = store.latest(place)
        members = evidence.submission.members if evidence is not None else ()
        if place.subject == student or student in members:
            yield place, store.result(place), place.subject != student or len(members) > 1


def codes_of(course: Course, roster: Roster, student: str) -> tuple[Row, ...]:
    """Return the rows of the table of personal variants that name a student. Raises VariantTableError."""
    table = read_variant_table(course.root)
    return table.rows_of(student, roster) if table is not None else ()


def held_about(store: Store, course: Course, roster: Roster, student: str) -> dict[str, Any]:
    """Return what is held about a student, naming nobody else. Raises VariantTableError."""
    submissions = []
    for place, result, shared in places_of(store, student):
        submissions.append(
            {
                "assignment": place.assignment,
                "handed_in_with_others": shared,
                "attempts": len(store.attempts(place)),
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
    codes = [
        {
            "code": row.code,
            "of_a_group": row.kind == "group",
            "also_called": [] if row.kind == "group" else list(row.names),
        }
        for row in codes_of(course, roster, student)
    ]
    return {
        "schema_version": 1,
        "student": student,
        "submissions": submissions,
        "published": published,
        "personal_variants": codes,
    }


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


def erase(store: Store, course: Course, roster: Roster, student: str, published: Path | None, now: datetime) -> Erased:
    """Remove what is held about a student; `published` is the folder of published pages. The store is open to write.

    Every step can be repeated: a run that was interrupted is finished by the next. What stands about the class
    (grades.csv, pages for teachers) is written again by whoever calls, and the roster is the course's own file. The
    code of their personal variant stays in the table as nobody's, so that no other student gets it.
    Raises PublishError where pages are out and nobody said where, StoreError where the gradebook cannot be opened, and
    VariantTableError where the table of personal variants cannot be read, before anything is removed.
    """
    table = read_variant_table(course.root) or VariantTable()
    register = Register.read(store.staff)
    missing = require_folder(register, [key for key in register.entries if key[0] == student], published)
    erase_in_nbgrader(store.staff, course, (student,))
    removed, shared = [], []
    assignments = set()
    for place, result, others in list(places_of(store, student)):
        assignments.add(place.assignment)
        if others:
            store.forget_member(place, student)
            shared.append(place)
            continue
        count_sums(store.staff, result)
        store.forget_submission(place)
        removed.append(place)
    store.forget_events(student)
    store.layout.overview(student).unlink(missing_ok=True)
    forget_sheets(store, assignments)
    arrivals = read_arrivals(store.staff)
    kept = tuple(
        one.model_copy(update={"members": tuple(m for m in one.members if m != student)})
        for one in arrivals.arrivals
        if one.subject != student and one.members != (student,)
    )
    others_of = tuple(one for one in arrivals.students if one != student)
    write_arrivals(store.staff, arrivals.model_copy(update={"arrivals": kept, "students": others_of}))
    pages = withdraw((student,), published or store.staff, register, now)
    register.forget(student)
    codes = table.rows_of(student, roster)
    if codes:
        write_variant_table(course.root, table.without(student, roster))
    return Erased(tuple(removed), tuple(shared), pages, missing, codes)


def require_folder(register: Register, keys: Collection[tuple[str, str]], published: Path | None) -> int:
    """Return how many of these published pages are not in the folder. Raises PublishError where there is no folder."""
    if keys and published is None:
        raise PublishError(
            f"{plural(len(keys), 'page')} to be erased went out; give their folder with --published, so that they go, "
            "too (an empty folder, if it is gone already). Nothing was erased"
        )
    return sum(published is not None and not (published / register.entries[key].file).exists() for key in keys)


def forget_sheets(store: Store, assignments: Collection[str]) -> None:
    """Remove the sheets and the pairs of these assignments, which show answers and code; `report`, `similar` and
    `viva` write them again.
    """
    for assignment in assignments:
        folder = store.staff / "report" / assignment
        for path in (*folder.glob("question-*.html"), *folder.glob("similar*.html"), *folder.glob(f"{VIVA}/*.*")):
            path.unlink()


def erase_in_nbgrader(staff: Path, course: Course, students: Collection[str], assignment: str = "") -> None:
    """Remove students, of one assignment or altogether, from nbgrader's gradebook and tree, if there is one.

    To be done first: what cannot be removed there, since formgrader holds it, stays whole. Raises StoreError.
    """
    if not any((staff / name).exists() for name in ("gradebook.db", "autograded", "submitted", "feedback")):
        return
    from autograder.exchange.nbgrader.database import GradebookError  # seconds: only where there is a gradebook
    from autograder.exchange.nbgrader.erase import forget_students, forget_submissions

    try:
        if assignment:
            forget_submissions(staff, course, assignment, students)
        else:
            forget_students(staff, course, students)
    except GradebookError as error:
        raise StoreError(str(error)) from error


def count_sums(staff: Path, result: Result | None) -> None:
    """Add a grade, if there is one, to the sums that stay: how many, and of which points, by assignment."""
    if result is None or result.score is None:
        return
    path = staff / "forgotten.json"
    try:
        sums: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        sums = {}
    one = sums.setdefault(result.assignment, {"submissions": 0, "score": 0.0, "max_score": 0.0})
    one["submissions"] += 1
    one["score"] = round(one["score"] + result.score, 6)
    one["max_score"] = round(one["max_score"] + result.max_score, 6)
    write_whole(path, (json.dumps(sums, indent=1, sort_keys=True) + "\n").encode())


def unknown(store: Store, course: Course, roster: Roster, student: str) -> bool:
    """Return whether nothing at all is held under this id. Raises VariantTableError."""
    if any(one.id == student for one in roster.students) or codes_of(course, roster, student):
        return False
    if any(True for _ in places_of(store, student)):
        return False
    return not any(entry.student == student for entry in Register.read(store.staff).entries.values())
