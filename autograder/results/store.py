"""The results folder: what is kept of every attempt, and what is derived from it.

Theory of operation
===================

    results/
      .lock                                        held by the one process that may write here
      staff/                                       never published (`autograder.results.layout`)
        evidence/<assignment>/<subject>/
          attempt-001.zip                          the notebook as handed in, what its cells printed and drew
                                                   when graded, and the evidence; never changed
        submissions/<assignment>/<subject>/
          result.json                              derived from evidence
        events.jsonl                               one line per changed grade, only ever appended to
        grades.csv  summary.json  index.html       derived from all results, at the end of a run
      students/<assignment>/<subject>/
        feedback.html                              derived from evidence, before the result

The grader may be killed between any two system calls, and a later run must end with the same
folder as if nothing had happened. Three rules make that hold.

1. Every file appears whole: written under a temporary name, then renamed. A temporary name starts
   with a dot and is removed by the next writer.
2. `attempt-NNN.zip` is the one commit point of grading (`autograder.results.attempts`). It holds the
   notebook and the outputs, too, so everything derived can be made from it without running student
   code. It is flushed to disk (fsync), derived files are not: they can be made again. The executed
   notebook is made whenever somebody asks for it, and not kept.
3. `result.json` is the commit point of what is derived, and written after the grade event. A result
   is current when it names the latest attempt and the current rubric; anything else is made again.
   An event is appended only if the last event of that subject ends in another score, so making a
   result twice records its change once. A torn last line, which only a power cut can leave, is cut off.

One process writes (an flock on `.lock`); readers need no lock, since every file is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from autograder.files import write_whole
from autograder.records import Evidence, GradeEvent, Result
from autograder.results import attempts
from autograder.results.grade_log import GradeLog
from autograder.results.layout import LayoutError, ResultsLayout, layout_of
from autograder.results.lock import StoreError, take_lock
from autograder.results.place import Place

__all__ = ["Outputs", "Place", "SharedStores", "Store", "StoreError"]

Outputs = Mapping[int, Sequence[Mapping[str, Any]]]
"""Cell index -> nbformat outputs."""


def _to_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "replace")


def as_written(result: Result) -> bytes:
    """Return a result as the bytes of its file."""
    return result.model_dump_json().encode() + b"\n"


def _folders(parent: Path) -> list[str]:
    """Return the names of the folders in a folder, which need not exist, in order."""
    try:
        with os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except FileNotFoundError:
        return []


class Store:
    """A results folder. Use `with Store(path) as store`; `write=True` takes the writer's lock."""

    def __init__(self, root: Path, *, write: bool = True, wait_seconds: float = 0.0) -> None:
        """Open the folder. wait_seconds: how long to wait for another writer to end before StoreError is raised."""
        self.root = root
        self._layout: ResultsLayout | None = None
        self._write = write
        self._wait_seconds = wait_seconds
        self._one = threading.RLock()  # threads of the writing process commit one after the other
        self._lock: int | None = None
        self._log = GradeLog(root / "events.jsonl")  # until it is opened, which says where it lies

    @property
    def layout(self) -> ResultsLayout:
        """Return where things lie in this folder. Raises StoreError if a move was interrupted."""
        if self._layout is None:
            try:
                self._layout = layout_of(self.root)
            except LayoutError as error:
                raise StoreError(str(error)) from None
        return self._layout

    @property
    def staff(self) -> Path:
        """Return what is for staff: evidence, results, reports, nbgrader's root."""
        return self.layout.staff

    # -- opening and closing ---------------------------------------------------------------------

    def __enter__(self) -> Self:
        if self._write:
            try:
                self.root.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise StoreError(f"{self.root}: is not a folder; name another with --output") from None
            self._take_lock()
        try:
            self._open()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _open(self) -> None:
        if self._write:
            self._layout = None  # as it is now that nobody else writes
            self.staff.mkdir(parents=True, exist_ok=True)
            self._remove_temporaries()
        self._log = GradeLog(self.staff / "events.jsonl")
        if self._write:
            self._log.repair()
        self._log.read()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)  # closing lets go of the lock
            self._lock = None

    def _take_lock(self) -> None:
        self._lock = take_lock(self.root, self._wait_seconds)

    def _remove_temporaries(self) -> None:
        for temporary in self.root.rglob(".*.tmp"):
            temporary.unlink(missing_ok=True)

    # -- evidence --------------------------------------------------------------------------------

    def _evidence(self, place: Place) -> Path:
        return self.staff / "evidence" / place.assignment / place.subject

    def attempts(self, place: Place) -> list[int]:
        """Return the numbers of a submission's attempts, the lowest first."""
        return attempts.numbers(self._evidence(place))

    def folders(self) -> Iterator[Place]:
        """Yield every submission with a folder for evidence, in the order of names; a killed run may have left one
        without any.
        """
        base = self.staff / "evidence"
        for assignment in _folders(base):
            for subject in _folders(base / assignment):
                yield Place(assignment, subject)

    def latest_attempt(self, place: Place) -> int | None:
        """Return the number of a submission's latest attempt; None if there is none."""
        return max(self.attempts(place), default=None)

    def places(self) -> Iterator[Place]:
        """Yield every submission that has evidence, in the order of their names."""
        for place, _ in self.latest_attempts():
            yield place

    def latest_attempts(self) -> Iterator[tuple[Place, int]]:
        """Yield every submission that has evidence, with the number of its latest attempt, in the order of names."""
        for place in self.folders():
            if (number := self.latest_attempt(place)) is not None:
                yield place, number

    def latest(self, place: Place) -> Evidence | None:
        """Return the evidence of the latest attempt; None if there is none."""
        number = self.latest_attempt(place)
        return None if number is None else self.attempt(place, number)

    def attempt(self, place: Place, number: int) -> Evidence:
        """Return the evidence of one attempt. Raises StoreError if it is missing or damaged."""
        folder = self._evidence(place)
        data = attempts.read(folder, number, attempts.EVIDENCE)
        try:
            return Evidence.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or attempts.EVIDENCE
            raise attempts.damaged(attempts.archive(folder, number), where, first["msg"]) from None

    def keep(self, evidence: Evidence, notebook: bytes, outputs: Outputs) -> Evidence:
        """Commit one graded attempt; its number is given here. Returns the evidence as written."""
        place = Place(evidence.assignment, evidence.submission.subject)
        with self._one:
            number = max(self.attempts(place), default=0) + 1
            numbered = evidence.model_copy(update={"attempt": number})
            parts = {
                attempts.EVIDENCE: numbered.model_dump_json().encode() + b"\n",
                attempts.NOTEBOOK: notebook,
                attempts.OUTPUTS: _to_json({str(index): list(cell) for index, cell in outputs.items()}),
            }
            attempts.write(self._evidence(place), number, parts)
        return numbered

    def notebook(self, evidence: Evidence) -> bytes:
        """Return the notebook of an attempt, as handed in. Raises StoreError if it is damaged."""
        return self._part(evidence, attempts.NOTEBOOK)

    def outputs(self, evidence: Evidence) -> Outputs:
        """Return what the cells of an attempt put out when they were graded. Raises StoreError if it is damaged."""
        data = json.loads(self._part(evidence, attempts.OUTPUTS))
        return {int(index): cell for index, cell in data.items()}

    def _part(self, evidence: Evidence, part: str) -> bytes:
        place = Place(evidence.assignment, evidence.submission.subject)
        return attempts.read(self._evidence(place), evidence.attempt, part)

    # -- derived files ---------------------------------------------------------------------------

    def folder(self, place: Place) -> Path:
        """Return where the derived files of one submission are."""
        return self.staff / "submissions" / place.assignment / place.subject

    def page(self, place: Place) -> Path:
        """Return the student's page of one submission: the only derived file that may be published."""
        return self.layout.page(place.assignment, place.subject)

    def page_link(self, result: Result) -> str:
        """Return the student's page of a result as a link from a page in `staff`."""
        return self.layout.from_staff(self.layout.page(result.assignment, result.subject))

    def term_link(self, student: str) -> str | None:
        """Return a student's page over the term as a link from `staff`; None in folders of earlier versions."""
        return None if self.layout.old else self.layout.from_staff(self.layout.overview(student))

    def write_page(self, place: Place, text: str) -> None:
        """Write the student's page of one submission, whole or not at all. Several processes may do so at a time."""
        path = self.page(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8", "replace"))

    def result(self, place: Place) -> Result | None:
        """Return the result last written; None if there is none or it is damaged (it can be made again)."""
        try:
            return Result.model_validate_json(self._result_path(place).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def holds(self, place: Place, written: bytes) -> bool:
        """Return whether the stored result is these bytes: far cheaper than to read it and compare."""
        try:
            return self._result_path(place).read_bytes() == written
        except FileNotFoundError:
            return False

    def _result_path(self, place: Place) -> Path:
        return self.folder(place) / "result.json"

    def results(self) -> Iterator[Result]:
        """Yield every result in the folder, in the order of their places."""
        for path in sorted((self.staff / "submissions").glob("*/*/result.json")):
            result = self.result(Place(path.parent.parent.name, path.parent.name))
            if result is not None:
                yield result

    def is_current(self, result: Result | None, attempt: int, rubric: str) -> bool:
        """Return whether everything derived from this attempt under this rubric is there. result: as it is stored."""
        if result is None or result.attempt != attempt or result.rubric != rubric:
            return False
        return self.page(Place(result.assignment, result.subject)).is_file()

    def write_derived(self, result: Result, feedback: str, event: GradeEvent) -> bool:
        """Write page and result of one submission, and the event if the grade changed. Returns whether it did.

        `event.before` is replaced by what the last recorded event of this subject ended in.
        """
        with self._one:
            self.write_page(Place(result.assignment, result.subject), feedback)
            return self.write_result(Place(result.assignment, result.subject), as_written(result), event)

    def write_result(self, place: Place, written: bytes, event: GradeEvent) -> bool:
        """Write the event if the grade changed, and the result. Returns whether the grade changed."""
        with self._one:
            changed = self.record(event)
            self._write_result(place, written)
            return changed

    def _write_result(self, place: Place, written: bytes) -> None:
        self.folder(place).mkdir(parents=True, exist_ok=True)
        write_whole(self._result_path(place), written)

    # -- events ----------------------------------------------------------------------------------

    def events(self) -> Iterator[GradeEvent]:
        """Yield all recorded changes of grades, oldest first."""
        yield from self._log

    def events_of(self, place: Place) -> tuple[GradeEvent, ...]:
        """Return the recorded changes of one submission's grade, the oldest first."""
        return self._log.of(place)

    def record(self, event: GradeEvent) -> bool:
        """Append a change of a grade unless it is recorded already. Returns whether it was new."""
        return self._log.append(event)

    def forget_events(self, subject: str) -> None:
        """Remove every event of a subject, for erasure."""
        self._log.forget(lambda event: subject in (event.subject, event.student))

    def forget_events_of(self, place: Place) -> None:
        """Remove every event of one submission, for erasure."""
        self._log.forget(lambda event: (event.assignment, event.subject) == (place.assignment, place.subject))

    def forget_submission(self, place: Place) -> None:
        """Remove evidence, result and page of one submission, for erasure. May be repeated where it was interrupted."""
        for folder in (self.page(place).parent, self.folder(place), self._evidence(place)):
            if folder.is_dir():
                shutil.rmtree(folder)

    def forget_member(self, place: Place, student: str) -> None:
        """Take one student out of the lists of a group whose work stays, for erasure: the only change of evidence."""
        for number in self.attempts(place):
            evidence = self.attempt(place, number)
            members = tuple(one for one in evidence.submission.members if one != student)
            info = evidence.submission.model_copy(update={"members": members})
            changed = evidence.model_copy(update={"submission": info})
            attempts.rewrite_evidence(self._evidence(place), number, changed.model_dump_json().encode() + b"\n")
        result = self.result(place)
        if result is not None:
            students = tuple(one for one in result.students if one != student)
            self._write_result(place, as_written(result.model_copy(update={"students": students})))


class SharedStores:
    """Results folders that several threads of one process write to at the same time, each opened once.

    A folder is let go as soon as nobody in this process uses it, so that another process may have its turn.
    """

    def __init__(self, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._open: dict[Path, tuple[Store, int]] = {}

    @contextmanager
    def open(self, root: Path) -> Iterator[Store]:
        """Give the store of a folder. Raises StoreError if another process keeps writing there."""
        with self._lock:
            store, users = self._open.get(root) or (Store(root, wait_seconds=self._wait_seconds).__enter__(), 0)
            self._open[root] = (store, users + 1)
        try:
            yield store
        finally:
            with self._lock:
                store, users = self._open[root]
                if users == 1:
                    del self._open[root]
                    store.__exit__(None, None, None)
                else:
                    self._open[root] = (store, users - 1)
