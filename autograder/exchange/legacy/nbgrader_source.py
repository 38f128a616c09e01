"""An assignment of nbgrader: its source notebooks, or release notebooks where there is no more.

Cells of every schema version up to 3 are read. Each test cell becomes one item with its points, scored on the state
that the notebook has when the cell is reached. Delimiters are those of `nbgrader_config.py` where it sets them with
plain texts; the file is read, not run.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.exchange.legacy.foreign_notebook import ForeignCell, read_foreign, runnable
from autograder.exchange.legacy.model import (
    DraftCell,
    DraftQuestion,
    ForeignAssignment,
    ForeignItem,
    Ids,
    ImportFailed,
    settle_blanks,
)
from autograder.exchange.legacy.nbgrader_autotests import TEMPLATES, has_autotests, with_autotests

_STUBS = re.compile(r"\s*(#\s*YOUR CODE HERE\s*)?(raise NotImplementedError(\(\))?\s*)?", re.IGNORECASE)
_CONFIG_NAMES = ("nbgrader_config.py",)
_NOT_HANDED_OUT = (*_CONFIG_NAMES, TEMPLATES)


@dataclass(frozen=True)
class Delimiters:
    """The lines that nbgrader looks for in a cell."""

    solution: tuple[str, str] = ("BEGIN SOLUTION", "END SOLUTION")
    hidden: tuple[str, str] = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
    scheme: tuple[str, str] = ("BEGIN MARK SCHEME", "END MARK SCHEME")
    code_stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text_stub: str = "YOUR ANSWER HERE"
    notes: list[str] = field(default_factory=list)


def read_delimiters(folder: Path) -> Delimiters:
    """Return what the nearest nbgrader_config.py at or above a folder sets, as far as it is plain text."""
    path = next(
        (up / name for up in (folder, *folder.parents) for name in _CONFIG_NAMES if (up / name).is_file()), None
    )
    if path is None:
        return Delimiters()
    settings: dict[str, Any] = {}
    notes: list[str] = []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        return Delimiters(notes=[f"{path.name} cannot be read ({error}); the usual delimiters hold"])
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            try:
                settings[".".join(ast.unparse(node.targets[0]).split(".")[1:])] = ast.literal_eval(node.value)
            except ValueError:
                notes.append(f"{path.name}: {ast.unparse(node.targets[0])} is no plain value and was not read")

    def pair(owner: str, kind: str, usual: tuple[str, str]) -> tuple[str, str]:
        begin = settings.get(f"{owner}.begin_{kind}_delimeter", usual[0])
        return str(begin), str(settings.get(f"{owner}.end_{kind}_delimeter", usual[1]))

    code_stub = settings.get("ClearSolutions.code_stub", Delimiters.code_stub)
    if any(name.startswith("IgnorePattern") for name in settings):
        notes.append("IgnorePattern is not needed: a warning costs nothing here")
    return Delimiters(
        pair("ClearSolutions", "solution", Delimiters.solution),
        pair("ClearHiddenTests", "test", Delimiters.hidden),
        pair("ClearMarkScheme", "mark_scheme", Delimiters.scheme),
        str(code_stub.get("python", Delimiters.code_stub) if isinstance(code_stub, dict) else code_stub),
        str(settings.get("ClearSolutions.text_stub", Delimiters.text_stub)),
        notes,
    )


def read_source(path: Path) -> ForeignAssignment:
    """Read one notebook, with the files that lie beside it. Raises ImportFailed."""
    reader = _SourceReader(path, read_delimiters(path.resolve().parent))
    cells = read_foreign(path)
    if has_autotests([cell.source for cell in cells if cell.kind == "code"]):
        for cell, source in zip(cells, with_autotests(path), strict=True):
            cell.source = source
        reader.draft.note("AUTOTEST", "nbgrader made the tests of these lines from what the solution computes here")
    for cell in cells:
        reader.read(cell)
    reader.finish()
    for file in sorted(path.parent.iterdir()):
        if file.suffix != ".ipynb" and not file.name.startswith((".", "__")) and file.name not in _NOT_HANDED_OUT:
            reader.draft.files.append(file)
    settle_blanks(reader.draft)
    return reader.draft


class _SourceReader:
    def __init__(self, path: Path, delimiters: Delimiters) -> None:
        self.draft = ForeignAssignment("nbgrader", path)
        self._delimiters = delimiters
        self._ids, self._item_ids = Ids(), Ids()
        self._seen: set[str] = set()
        self._question: DraftQuestion | None = None  # the one whose blanks were read last
        self._answered = False  # tests of it were read
        self._solutions = self._hidden = False
        for note in delimiters.notes:
            self.draft.note("configuration", note)

    def read(self, cell: ForeignCell) -> None:
        meta = _upgraded(cell)
        source = cell.source.strip("\n")
        where = f"cell {cell.index + 1}"
        if cell.kind == "raw":
            self.draft.note(where, "is a raw cell, which is left out")
            return
        original = str(meta.get("grade_id") or "")
        if meta and original:
            if original in self._seen:
                raise ImportFailed(f"{self.draft.source}: {where}: found grade_id {original!r} a second time")
            self._seen.add(original)
        if cell.kind == "code":
            source = runnable(self.draft, original or where, source)
        if meta.get("task"):
            self._task(cell, source, original or where, meta)
        elif meta.get("grade") and meta.get("solution"):
            self._manual(cell, source, original or where, meta)
        elif meta.get("grade") and cell.kind == "code":
            self._test(source, original or where, meta)
        elif meta.get("solution") and cell.kind == "code":
            self._blank(source, original or where)
        elif cell.kind == "markdown":
            self.draft.cells.append(DraftCell("markdown", source, "text"))
        elif source:
            self._code(source, original, locked=bool(meta.get("locked")))

    def finish(self) -> None:
        """Note what is not in a release. Raises ImportFailed where nothing is of nbgrader."""
        if not self._seen:
            raise ImportFailed(f"{self.draft.source}: found no cell with nbgrader metadata")
        if any(cell.role == "blank" for cell in self.draft.cells) and not self._solutions:
            self.draft.reference = False
            self.draft.note(
                "the notebook", "has no solutions: it is a release, and its items are graded without validation"
            )
            for item in self.draft.items:
                item.only_visible = True
            for cell in self.draft.cells:
                if cell.role == "blank" or (cell.role == "manual" and cell.kind == "code"):
                    cell.handed_out = cell.source.replace("### BEGIN SOLUTION\n", "").replace("\n### END SOLUTION", "")
                    cell.source = _without_solution(cell.source)
                elif cell.role == "manual":
                    cell.handed_out = cell.source

    # -- cells -----------------------------------------------------------------------------------

    def _code(self, source: str, original: str, *, locked: bool) -> None:
        grade_id = f"{Ids().new(original, 'cell')}-given" if locked and original else ""
        self.draft.cells.append(DraftCell("code", source, "given" if locked else "plain", "", grade_id, original))

    def _blank(self, source: str, original: str) -> None:
        if self._question is None or self._answered:
            self._question = DraftQuestion(self._ids.new(original), original, "tests")
            self._answered = False
            self.draft.questions.append(self._question)
        handed_out = self._handed_out(source, "code")
        source = _renamed(source, self._delimiters.solution, ("### BEGIN SOLUTION", "### END SOLUTION"))
        if "### BEGIN SOLUTION" not in source:
            self._solutions |= _STUBS.fullmatch(source) is None and "YOUR CODE HERE" not in source
            source = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
        else:
            self._solutions = True
            source = re.sub(
                r"^(\s*)(### BEGIN SOLUTION)\n(\s*### END SOLUTION)", r"\1\2\n\1# nothing\n\3", source, flags=re.M
            )
        self.draft.cells.append(
            DraftCell("code", source, "blank", self._question.id, "", original, handed_out, solution=True)
        )

    def _test(self, source: str, original: str, meta: dict[str, Any]) -> None:
        question = self._question.id if self._question is not None else "first"
        self._answered = True
        id = self._item_ids.new(original, "item")
        whole, visible, hides = _without_hidden(source, self._delimiters.hidden)
        self._hidden = self._hidden or hides
        shown = visible.strip("\n")
        check = DraftCell(
            "code", shown or "# This cell has hidden tests only.", "check", question, f"{id}-test", original
        )
        self.draft.cells.append(check)
        item = ForeignItem(
            id=id,
            question=question,
            title=f"The test cell {original} passes.",
            points=float(meta.get("points") or 0.0),
            form="cell",
            source="\n".join(line for line in whole.split("\n") if not line.lstrip().startswith(("%", "!"))),
            visible=shown,
            at=check.grade_id,
        )
        if any(line.lstrip().startswith("!") for line in whole.split("\n")):
            item.level, item.why = None, "it runs a shell command, which no test does here"
        self.draft.items.append(item)

    def _manual(self, cell: ForeignCell, source: str, original: str, meta: dict[str, Any]) -> None:
        handed_out = self._handed_out(source, cell.kind)
        source = _renamed(source, self._delimiters.solution, ("### BEGIN SOLUTION", "### END SOLUTION"))
        source = _renamed(source, self._delimiters.scheme, ("### BEGIN MARK SCHEME", "### END MARK SCHEME"))
        self._person(cell, source, original, meta).handed_out = handed_out

    def _handed_out(self, source: str, kind: str) -> str:
        """Return what nbgrader hands out in place of an answer cell."""
        stub = self._delimiters.code_stub if kind == "code" else self._delimiters.text_stub
        begin, end = self._delimiters.solution
        if begin not in source:
            return stub
        lines, inside = [], False
        for line in source.split("\n"):
            if begin in line:
                inside = True
                lines += [line[: len(line) - len(line.lstrip())] + part for part in stub.split("\n")]
            elif end in line:
                inside = False
            elif not inside:
                lines.append(line)
        return "\n".join(lines)

    def _task(self, cell: ForeignCell, source: str, original: str, meta: dict[str, Any]) -> None:
        source = _renamed(source, self._delimiters.scheme, ("### BEGIN MARK SCHEME", "### END MARK SCHEME"))
        if "### BEGIN MARK SCHEME" not in source:
            source += "\n\n### BEGIN MARK SCHEME\n(none)\n### END MARK SCHEME"
        self.draft.note(original, "is a task: a person grades it, whatever was handed in")
        self._person(cell, source, original, meta)

    def _person(self, cell: ForeignCell, source: str, original: str, meta: dict[str, Any]) -> DraftCell:
        question = DraftQuestion(self._ids.new(original), original, "manual", float(meta.get("points") or 0.0))
        self.draft.questions.append(question)
        made = DraftCell("markdown", source, "manual", question.id, "", original, solution=True)
        made.kind = "code" if cell.kind == "code" else "markdown"
        self.draft.cells.append(made)
        return made


def _without_solution(source: str) -> str:
    """Return a blank of a release: what students get is known, and nothing else."""
    stub = [line for line in source.split("\n") if line.strip() not in ("### BEGIN SOLUTION", "### END SOLUTION")]
    commented = "\n".join(f"# {line}".rstrip() for line in stub)
    comment = "# The solution is not in a release."
    return f"### BEGIN SOLUTION\n{comment}\n### END SOLUTION\n### BEGIN STARTER\n{commented}\n### END STARTER"


def _upgraded(cell: ForeignCell) -> dict[str, Any]:
    """Return a cell's nbgrader metadata as schema 3 has it; empty where nbgrader ignores the cell."""
    meta = cell.metadata.get("nbgrader")
    if not isinstance(meta, dict):
        return {}
    meta = dict(meta)
    if "locked" not in meta:  # schemas 0 and 1
        meta["locked"] = not meta.get("solution") and bool(meta.get("grade"))
    kept = meta.get("grade") or meta.get("solution") or meta.get("locked") or meta.get("task")
    return meta if kept else {}


def _renamed(source: str, delimiters: tuple[str, str], ours: tuple[str, str]) -> str:
    """Return a source with its delimiter lines as a master of this project has them."""
    lines = []
    for line in source.split("\n"):
        place = line[: len(line) - len(line.lstrip())]
        found = next((new for old, new in zip(delimiters, ours, strict=True) if old in line), None)
        lines.append(f"{place}{found}" if found is not None else line)
    return "\n".join(lines)


def _without_hidden(source: str, delimiters: tuple[str, str]) -> tuple[str, str, bool]:
    """Return (the whole test without delimiter lines, its visible part, whether something is hidden)."""
    whole, visible, inside, hides = [], [], False, False
    for line in source.split("\n"):
        if delimiters[0] in line:
            inside, hides = True, True
        elif delimiters[1] in line:
            inside = False
        else:
            whole.append(line)
            visible += [] if inside else [line]
    return "\n".join(whole).strip("\n"), "\n".join(visible).strip("\n"), hides
