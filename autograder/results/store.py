"""The results folder: what is kept of every attempt, and what is derived from it.

Theory of operation
===================

    results/
      .lock                                        held by the one process that may write here
      staff/                                       never published (`autograder.results.layout`)
        evidence/<assignment>/<subject>/
          attempt-001.notebook.ipynb               as handed in
          attempt-001.outputs.json                 what its cells printed and drew when graded
          attempt-001.json                         the evidence: written last, never changed
        submissions/<assignment>/<subject>/
          executed.ipynb  result.json              derived from evidence; the result last
        events.jsonl                               one line per changed grade, only ever appended to
        grades.csv  summary.json  index.html       derived from all results, at the end of a run
      students/<assignment>/<subject>/
        feedback.html                              derived from evidence, before the result

The grader may be killed between any two system calls, and a later run must end with the same
folder as if nothing had happened. Three rules make that hold.

1. Every file appears whole: written under a temporary name, then renamed. A temporary name starts
   with a dot and is removed by the next writer.
2. `attempt-NNN.json` is the one commit point of grading. The notebook and the outputs are on disk
   before it, so everything derived can be made from an attempt without running student code. An
   attempt without its evidence did not happen: its number is used again and its files replaced.
   These three files are flushed to disk (fsync), derived ones are not: they can be made again.
3. `result.json` is the commit point of what is derived, and written after the grade event. A result
   is current when it names the latest attempt and the current rubric; anything else is made again.
   An event is appended only if the last event of that subject ends in another score, so making a
   result twice records its change once. A torn last line, which only a power cut can leave, is cut off.

One process writes (an flock on `.lock`); readers need no lock, since every file is whole.
"""

from __future__ import annotations

import json
import os
import re
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
from autograder.results.grade_log import GradeLog
from autograder.results.layout import LayoutError, ResultsLayout, layout_of
from autograder.results.lock import StoreError, take_lock
from autograder.results.place import Place

__all__ = ["Outputs", "Place", "SharedStores", "Store", "StoreError"]

Outputs = Mapping[int, Sequence[Mapping[str, Any]]]
"""Cell index -> nbformat outputs."""

_ATTEMPT = re.compile(r"attempt-(\d{3,6})\.json")


def _to_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "replace")


class Store:
    """A results folder. Use `with Store(path) as store`; `write=True` takes the writer's lock."""

    def __init__(self, root: Path, *, write: bool = True, wait_seconds: float = 0.0) -> None:
        """wait_seconds: how long to wait for another writer to end before StoreError is raised."""
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

    def _attempts(self, place: Place) -> list[int]:
        folder = self.staff / "evidence" / place.assignment / place.subject
        found = (_ATTEMPT.fullmatch(entry.name) for entry in folder.iterdir()) if folder.is_dir() else ()
        return sorted(int(match[1]) for match in found if match)

    def _evidence_path(self, place: Place, attempt: int, suffix: str = ".json") -> Path:
        return self.staff / "evidence" / place.assignment / place.subject / f"attempt-{attempt:03d}{suffix}"

    def places(self) -> Iterator[Place]:
        """Yield every submission that has evidence, in the order of their names."""
        for place, _ in self.latest_attempts():
            yield place

    def latest_attempts(self) -> Iterator[tuple[Place, int]]:
        """Yield every submission that has evidence, with the number of its latest attempt, in the order of names."""
        base = self.staff / "evidence"
        for folder in sorted(base.glob("*/*")):
            if folder.is_dir() and (attempts := self._attempts(place := Place(folder.parent.name, folder.name))):
                yield place, attempts[-1]

    def latest(self, place: Place) -> Evidence | None:
        """Return the evidence of the latest attempt; None if there is none."""
        attempts = self._attempts(place)
        return self.attempt(place, attempts[-1]) if attempts else None

    def attempt(self, place: Place, number: int) -> Evidence:
        """Return the evidence of one attempt. Raises StoreError if it is missing or damaged."""
        path = self._evidence_path(place, number)
        try:
            return Evidence.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise StoreError(f"{path}: no such attempt") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise StoreError(
                f"{path}: {where}: {first['msg']}; evidence is never edited: restore the file, "
                "or move it away and grade the submission again"
            ) from None

    def keep(self, evidence: Evidence, notebook: bytes, outputs: Outputs) -> Evidence:
        """Commit one graded attempt; its number is given here. Returns the evidence as written."""
        with self._one:
            return self._keep(evidence, notebook, outputs)

    def _keep(self, evidence: Evidence, notebook: bytes, outputs: Outputs) -> Evidence:
        place = Place(evidence.assignment, evidence.submission.subject)
        attempts = self._attempts(place)
        number = attempts[-1] + 1 if attempts else 1
        numbered = evidence.model_copy(update={"attempt": number})
        path = self._evidence_path(place, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._evidence_path(place, number, ".notebook.ipynb"), notebook, flush=True)
        kept = {str(index): list(cell) for index, cell in outputs.items()}
        write_whole(self._evidence_path(place, number, ".outputs.json"), _to_json(kept), flush=True)
        write_whole(path, numbered.model_dump_json().encode() + b"\n", flush=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return numbered

    def notebook(self, evidence: Evidence) -> bytes:
        """Return the notebook of an attempt, as handed in."""
        place = Place(evidence.assignment, evidence.submission.subject)
        return self._evidence_path(place, evidence.attempt, ".notebook.ipynb").read_bytes()

    def outputs(self, evidence: Evidence) -> Outputs:
        """Return what the cells of an attempt put out when they were graded."""
        place = Place(evidence.assignment, evidence.submission.subject)
        data = json.loads(self._evidence_path(place, evidence.attempt, ".outputs.json").read_bytes())
        return {int(index): cell for index, cell in data.items()}

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
        """Write the student's page of one submission, whole or not at all."""
        path = self.page(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8", "replace"))

    def result(self, place: Place) -> Result | None:
        """Return the result last written; None if there is none or it is damaged (it can be made again)."""
        try:
            return Result.model_validate_json((self.folder(place) / "result.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

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
        place = Place(result.assignment, result.subject)
        return (self.folder(place) / "executed.ipynb").is_file() and self.page(place).is_file()

    def write_derived(self, result: Result, executed: bytes, feedback: str, event: GradeEvent) -> bool:
        """Write the three files of one submission, and the event if the grade changed. Returns whether it did.

        `event.before` is replaced by what the last recorded event of this subject ended in.
        """
        with self._one:
            self.write_files(result, executed, feedback)
            return self.write_result(result, event)

    def write_files(self, result: Result, executed: bytes, feedback: str) -> None:
        """Write what is derived but the result, which has to follow. Several processes may do so at a time."""
        place = Place(result.assignment, result.subject)
        folder = self.folder(place)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "executed.ipynb", executed)
        self.write_page(place, feedback)

    def write_result(self, result: Result, event: GradeEvent) -> bool:
        """Write the event if the grade changed, and the result. Returns whether the grade changed."""
        with self._one:
            changed = self.record(event)
            path = self.folder(Place(result.assignment, result.subject)) / "result.json"
            write_whole(path, result.model_dump_json(indent=1).encode() + b"\n")
            return changed

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
        evidence = self.staff / "evidence" / place.assignment / place.subject
        for folder in (self.page(place).parent, self.folder(place), evidence):
            if folder.is_dir():
                shutil.rmtree(folder)

    def forget_member(self, place: Place, student: str) -> None:
        """Take one student out of the lists of a group whose work stays, for erasure: the only change of evidence."""
        for number in self._attempts(place):
            evidence = self.attempt(place, number)
            members = tuple(one for one in evidence.submission.members if one != student)
            info = evidence.submission.model_copy(update={"members": members})
            changed = evidence.model_copy(update={"submission": info})
            write_whole(self._evidence_path(place, number), changed.model_dump_json().encode() + b"\n", flush=True)
        result = self.result(place)
        if result is not None:
            result = result.model_copy(update={"students": tuple(one for one in result.students if one != student)})
            write_whole(self.folder(place) / "result.json", result.model_dump_json(indent=1).encode() + b"\n")


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
