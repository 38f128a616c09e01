"""Every imported item, tried: on the solution, the untouched starter and a cheater, at both levels.

The trial is a course of its own in a temporary folder, graded in the real sandbox. What comes of it decides at which
level an item runs:

    trusted   the solution passes when judged in the trusted process
    beside    it passes only beside the student's code
    none      it passes nowhere: the item cannot be judged here, and the report says how it failed

The cheater answers every name that a blank asks for with an object that is equal to everything and returns itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.course.course import Assignment, load_course
from autograder.course.new import bare_course
from autograder.course.public_files import working_beside
from autograder.exchange.legacy import write
from autograder.exchange.legacy.model import ForeignAssignment, ImportFailed
from autograder.exchange.legacy.provided import defined
from autograder.exchange.legacy.reaching import CHANGES, reached
from autograder.grading.errors import GraderError
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import Outcome, SubmissionInfo, TestOutcome, TestStatus
from autograder.release.files import write_release
from autograder.release.markers import solved
from autograder.release.master import read_master
from autograder.release.starter import ReleaseError, build_release, lines_shown_anyway, solution_notebook
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import Slot, SlotConfig
from autograder.suite.reference import reference_namespace
from autograder.testing.legacy import Level

Who = Literal["solution", "starter", "cheater"]
Backend = Literal["auto", "namespace", "none"]
LEVELS: tuple[Level, ...] = ("trusted", "beside")
NAME = "imported"
CHEATER = """\
class Agreeable:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = object.__hash__
    def __bool__(self): return True
    def __call__(self, *arguments, **named): return self
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __getitem__(self, key): return self
    def __len__(self): return 1
    def __iter__(self): return iter([self])
    def __add__(self, other): return self
    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __abs__ = __round__ = __add__
"""


@dataclass
class Trial:
    """Hold what came of it. passed: (who, item, level); said: of the solution's failures, (item, level) -> words."""

    passed: set[tuple[Who, str, Level]] = field(default_factory=set)
    said: dict[tuple[str, Level], str] = field(default_factory=dict)


def try_items(draft: ForeignAssignment, folder: Path, backend: Backend, slot: Slot | None = None) -> Trial:
    """Grade solution, starter and cheater in a course written into `folder`. Raises ImportFailed."""
    levels: dict[str, tuple[Level, ...]] = {
        item.id: ("beside",) if reached(draft, item).startswith(CHANGES) else LEVELS
        for item in draft.items
        if item.level is not None
    }
    assignment = written(draft, folder, levels)
    trial = Trial()
    try:
        if shown := lines_shown_anyway(assignment):
            draft.shown_anyway = shown
            for path, data in write.files(draft, NAME, levels).items():
                _put(folder / path, data)
            draft.note(
                "the release", f"shows {len(shown)} lines that are in solutions, too, as the notebook always did"
            )
        release = build_release(assignment)
        write_release(release)
        master = read_master(assignment)
    except ReleaseError as error:
        raise ImportFailed(f"{draft.source}: what was made of it cannot be released:\n{error}") from error
    starter = release.files[f"{assignment.name}.ipynb"]
    notebooks: dict[Who, bytes] = {"starter": starter, "cheater": cheating(draft, starter)}
    if draft.reference:
        notebooks = {"solution": solution_notebook(master), **notebooks}
    for who, outcomes in _graded(assignment, notebooks, backend, draft, slot):
        for outcome in outcomes:
            item, _, level = outcome.name.removeprefix("test_").rpartition("_")
            whole = outcome.status is TestStatus.PASSED
            if whole:
                trial.passed.add((who, item, "trusted" if level == "trusted" else "beside"))
            elif who == "solution":
                trial.said[item, "trusted" if level == "trusted" else "beside"] = outcome.detail or outcome.message
    return trial


def written(draft: ForeignAssignment, folder: Path, levels: Mapping[str, tuple[Level, ...]]) -> Assignment:
    """Write the trial's course and return its assignment. Cells that raise are marked."""
    texts = {name: text.encode() for name, text in bare_course("A trial").items()}
    texts["course.yaml"] += write.entry(draft, NAME, NAME, write.public_paths(draft, NAME)).encode()
    for path, data in texts.items():
        _put(folder / path, data)
    _put_all(draft, folder, levels)
    assignment = load_course(folder).assignment(NAME)
    if _mark_raising(draft, assignment):
        _put_all(draft, folder, levels)
    return assignment


def _put_all(draft: ForeignAssignment, folder: Path, levels: Mapping[str, tuple[Level, ...]]) -> None:
    for path, data in write.files(draft, NAME, levels).items():
        _put(folder / path, data)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _mark_raising(draft: ForeignAssignment, assignment: Assignment) -> bool:
    """Run the reference and mark the cells that raise, as Jupyter's tag does; return whether one did.

    A course may be older than the libraries that are here, or its data may be elsewhere: what does not depend on such
    a cell is graded all the same.
    """
    raised: dict[int, str] = {}
    try:
        with working_beside(assignment.public_paths):
            reference_namespace(assignment.solution_path, [p.parent for p in assignment.public_paths], raised=raised)
    except OSError as error:
        raise ImportFailed(f"{draft.source}: {error}") from error
    for index, said in raised.items():
        cell = draft.cells[index]
        cell.raises = True
        if cell.role != "blank" or draft.reference:
            what = "the solution in it raises" if cell.role == "blank" else "raises with the solution"
            draft.note(cell.original or f"cell {index + 1}", f"{what}: {said.partition(': ')[2]}")
    return bool(raised)


def cheating(draft: ForeignAssignment, starter: bytes) -> bytes:
    """Return the starter with all blanks answered by the cheater's object."""
    notebook: dict[str, Any] = json.loads(starter)
    names = {cell.grade_id: defined(solved(cell.source)) for cell in draft.cells if cell.role in ("blank", "manual")}
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if cell["cell_type"] == "code" and grade_id in names:
            lines = [f"{name} = Agreeable()" for name in names[grade_id] if name.isidentifier()]
            cell["source"] = CHEATER + "\n".join(lines)
    return json.dumps(notebook).encode()


def _graded(
    assignment: Assignment,
    notebooks: Mapping[Who, bytes],
    backend: Backend,
    draft: ForeignAssignment,
    given: Slot | None,
) -> Iterator[tuple[Who, tuple[TestOutcome, ...]]]:
    config = SlotConfig(assignment.preload, assignment.public_paths, assignment.limits)
    slot = open_slot(backend, config) if given is None else given
    try:
        with (
            working_beside(assignment.public_paths),
            contextlib.redirect_stdout(io.StringIO()),
            MachineLock(None) as lock,
            Grader(assignment, slot, b"import" * 6, lock) as grader,
        ):
            for who, notebook in notebooks.items():
                sha = hashlib.sha256(notebook).hexdigest()
                graded = grader.grade(SubmissionInfo(subject=who, notebook_sha256=sha), notebook)
                if graded.evidence.outcome is not Outcome.GRADED:
                    raise ImportFailed(f"{draft.source}: the {who} cannot be graded: {graded.evidence.reason}")
                yield who, graded.evidence.tests
    except GraderError as error:
        raise ImportFailed(f"{draft.source}: what was made of it cannot be graded: {error}") from error
    finally:
        if given is None:
            slot.close()


def choose_levels(draft: ForeignAssignment, trial: Trial) -> None:
    """Set the level of each item, and why, from what came of the trial."""
    for item in draft.items:
        if item.level is None:
            continue
        if not draft.reference:
            item.level, item.why = "beside", "there is no solution to try it with"
            continue
        passing = [level for level in LEVELS if ("solution", item.id, level) in trial.passed]
        reason = reached(draft, item)
        if reason and "beside" in passing:
            passing = ["beside"]
        item.level = passing[0] if passing else None
        if passing == ["beside"]:
            item.why = reason or _reason(trial.said.get((item.id, "trusted"), ""))
        elif not passing:
            item.why = f"the solution fails it: {_reason(trial.said.get((item.id, 'beside'), ''))}"
    for item in draft.items if draft.reference else ():
        others = [other for other in draft.items if other.question == item.question and other.level is not None]
        given = item.level is not None and ("starter", item.id, item.level) in trial.passed
        asked = [o for o in others if o.level is not None and ("starter", o.id, o.level) not in trial.passed]
        item.forbids = given and bool(asked)
        if given:
            counts = (
                "counts only beside another one of its question that it fails" if asked else "is given to everybody"
            )
            draft.note(item.id, f"the untouched starter passes it: it {counts}")
        if item.level == "trusted" and ("cheater", item.id, "trusted") in trial.passed and not given:
            draft.note(item.id, "an object that is equal to everything passes it, in the trusted process, too")


def _reason(said: str) -> str:
    first = said.strip().split("\n")[0]
    return first[:200] or "no reason was given"
