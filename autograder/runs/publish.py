"""Pages for students in a folder for a web server: random names, no index, and a record of what went out.

A page is drawn anew from what is stored, through the allow-list of `StudentView`. Its name is drawn once for each
student and assignment and kept, so that publishing again replaces the page under the same address; withdrawing deletes
the page and forgets the name, and a later publication gets another. A student's page over the term says of each
assignment what was published of it, and leads there. Similarity, flags and other people's marks have no
field on a page; a search for what is for teachers is only the alarm.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from autograder.feedback.page import render_student
from autograder.feedback.student_view import StudentView
from autograder.files import write_whole
from autograder.records import Record, Result, TestOutcome

TERM = "_term"  # what stands for an assignment in the entry of a page over the term
_NAME = re.compile(r"[A-Za-z0-9_-]{20,64}")
_LEAST_ALARM = 8  # characters; shorter texts for teachers occur on pages by chance


class PublishError(Exception):
    """Nothing more can be published; the message says why and what to do."""


class Publication(Record):
    """One page that went out. file: its name in the folder; sha256: of the page as it lies there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    student: str
    assignment: str
    file: str
    sha256: str
    published_at: datetime


_PUBLICATIONS = TypeAdapter(tuple[Publication, ...])


@dataclass
class Register:
    """Hold what lies published where: `publications.json` in the staff's folder, with a log of everything that was
    done."""

    folder: Path
    entries: dict[tuple[str, str], Publication] = field(default_factory=dict)

    @classmethod
    def read(cls, staff: Path) -> Register:
        """Read the file. Raises PublishError if it is damaged: addresses would be lost, and old pages stay
        reachable.
        """
        path = staff / "publications.json"
        try:
            entries = _PUBLICATIONS.validate_json(path.read_bytes())
        except FileNotFoundError:
            entries = ()
        except ValidationError as error:
            raise PublishError(
                f"{path}: {error.errors()[0]['msg']}; restore it: it holds every address given out"
            ) from None
        for entry in entries:
            if not _NAME.fullmatch(entry.file.removesuffix(".html")):
                raise PublishError(f"{path}: {entry.file!r} is no name that was drawn here; restore the file")
        return cls(staff, {(entry.student, entry.assignment): entry for entry in entries})

    def write(self) -> None:
        """Write the register, for its owner only: the addresses are as good as passwords."""
        path = self.folder / "publications.json"
        write_whole(path, _PUBLICATIONS.dump_json(tuple(self.entries.values()), indent=1) + b"\n")
        path.chmod(0o600)

    def forget(self, student: str) -> None:
        """Remove a student's lines from the log as well."""
        path = self.folder / "publications.jsonl"
        if path.is_file():
            lines = [
                line for line in path.read_text(encoding="utf-8").splitlines() if json.loads(line)["student"] != student
            ]
            write_whole(path, "".join(f"{line}\n" for line in lines).encode())

    def log(self, what: str, entry: Publication, when: datetime) -> None:
        """Append one line on what was done; never the address."""
        line = {"when": when.isoformat(), "what": what, "student": entry.student, "assignment": entry.assignment,
                "sha256": entry.sha256}  # fmt: skip
        with (self.folder / "publications.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class Page:
    """One submission's page, before it goes out. students: ids of those who get it."""

    result: Result
    view: StudentView
    students: tuple[str, ...]


@dataclass(frozen=True)
class TermPage:
    """One student's page over the term, before it goes out. results: those that it may speak of."""

    student: str
    results: tuple[Result, ...]
    draw: Callable[[Mapping[str, str]], str]  # assignment -> file of the student's page, of what is published -> page


@dataclass
class Published:
    """Hold what a publication did. alarms: pages that were held back, each with the reason."""

    new: list[Publication] = field(default_factory=list)
    replaced: list[Publication] = field(default_factory=list)
    unchanged: int = 0
    alarms: list[str] = field(default_factory=list)


def publish(
    pages: Iterable[Page],
    out: Path,
    register: Register,
    now: datetime,
    names: Mapping[str, str] | None = None,
    terms: Iterable[TermPage] = (),
) -> Published:
    """Write one page for each student and assignment into `out`, then those over the term, and record it.

    names: student id -> display name, joined here and stored nowhere.
    """
    out.mkdir(parents=True, exist_ok=True)
    done = Published()
    for page in pages:
        shown = tuple(names[student] for student in page.students if student in names) if names else ()
        text = render_student(replace(page.view, names=shown))
        if said := alarm(text, page.result):
            done.alarms.append(f"{page.result.assignment}/{page.result.subject}: held back: {said}")
            continue
        for student in page.students:
            _put(text, student, page.result.assignment, out, register, now, done)
    for term in terms:
        mine = {entry.assignment: entry.file for entry in register.entries.values() if entry.student == term.student}
        mine.pop(TERM, None)
        text = term.draw(mine)
        if said := next(filter(None, (alarm(text, result) for result in term.results)), ""):
            done.alarms.append(f"the term of {term.student}: held back: {said}")
        elif mine:
            _put(text, term.student, TERM, out, register, now, done)
    return done


def _put(
    text: str, student: str, assignment: str, out: Path, register: Register, now: datetime, done: Published
) -> None:
    """Write one page, unless the same one lies there, and record it in register, log and `done`."""
    data = text.encode("utf-8", "replace")
    digest = hashlib.sha256(data).hexdigest()
    before = register.entries.get((student, assignment))
    name = before.file if before else f"{secrets.token_urlsafe(24)}.html"
    if before and before.sha256 == digest and (out / name).is_file():
        done.unchanged += 1
        return
    entry = Publication(student=student, assignment=assignment, file=name, sha256=digest, published_at=now)
    register.entries[student, assignment] = entry
    register.write()  # before the page: an address that is out is always known
    write_whole(out / name, data)
    register.log("replaced" if before else "published", entry, now)
    (done.replaced if before else done.new).append(entry)


def withdraw(students: Collection[str], out: Path, register: Register, now: datetime, assignment: str = "") -> int:
    """Delete the pages of these students and forget their names; returns how many.

    assignment: only of this one, and the page over the term, which speaks of it.
    """
    gone = [key for key in register.entries if key[0] in students and (not assignment or key[1] in (assignment, TERM))]
    for key in gone:
        entry = register.entries[key]
        (out / entry.file).unlink(missing_ok=True)
        del register.entries[key]
        register.write()
        register.log("withdrawn", entry, now)
    return len(gone)


def alarm(text: str, result: Result) -> str:
    """Return why a page must not go out: it holds what is for teachers. "" where nothing of it was found.

    What student code raised is the student's own words, which the page shows as such.
    """
    for question in result.questions:
        for test in question.tests:
            detail = test.detail.strip()
            if len(detail) >= _LEAST_ALARM and detail not in _own_words(test) and detail in text:
                return f"the detail of {test.name} stands on it, which may hold hidden values; report this as a fault"
    for flag in result.flags:
        if len(flag) >= _LEAST_ALARM and flag in text:
            return f"the remark {flag!r} stands on it, which is for teachers"
    return ""


def _own_words(test: TestOutcome) -> tuple[str, ...]:
    """Return what a page may say of a test: its message, and the exception that student code raised."""
    raised = test.traceback
    if raised is None:
        return (test.message.strip(),)
    return (test.message.strip(), raised.exception, f"{raised.exception}: {raised.message}".strip())
