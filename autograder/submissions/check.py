"""What a student can know before handing in: the right notebook, nothing left blank, nothing of ours broken.

Needs the notebook alone: the checksums that nbgrader's converters wrote into the starter say which cells are as they
were released. Where the course with its releases is at hand, cells that were deleted are found too. Nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from autograder.course.course import Assignment, Course
from autograder.course.releases import Releases, load_releases
from autograder.notebooks.matching import Matching, match_to_release
from autograder.notebooks.plan import plan_execution
from autograder.notebooks.read import Cell, Notebook, read_notebook
from autograder.notebooks.text import defined_names, essence, given_names
from autograder.notebooks.untrusted_json import parse
from autograder.submissions.artifacts import plain_copy
from autograder.submissions.choice import Chooser
from autograder.submissions.layouts.base import HandedFile, HandIn, Owner
from autograder.submissions.listing import ListedFile, shown
from autograder.submissions.naming import named_assignment
from autograder.submissions.own_code import with_own_code
from autograder.submissions.wanted import Wanted

_KINDS = {"code": "a code cell", "markdown": "a Markdown cell", "raw": "a raw cell"}
_MOST_BESIDE = 100  # notebooks of one folder; more are nobody's hand-in
_WORD = re.compile(r"\w+")
_EMPTY_ANSWER = re.compile(r"^(\w+)\s*=\s*None\b", re.MULTILINE)


@dataclass(frozen=True)
class Remark:
    """problem: costs points as it is; note: worth a look. place: where in the notebook, or empty."""

    level: Literal["problem", "note"]
    place: str
    text: str


def check_notebook(data: bytes, path: Path, course: Course | None = None) -> list[Remark]:
    """Return everything worth saying about a notebook before it is handed in, in its own order.

    path: where it lies; files to hand in are looked for beside it. Raises NotebookError if it cannot be read at all.
    """
    notebook = read_notebook(data, path.name)
    claims = [_claim(raw) for raw in _raw_cells(data)]
    findings = [Remark("note", "", notice) for notice in notebook.notices]
    assignment, remarks = _assignment_of(notebook, path, course)
    findings += remarks
    matching = None
    if assignment is not None:
        releases = load_releases(assignment.releases_path)
        questions = [question.id for question in assignment.questions]
        matching = match_to_release(notebook, releases.entries, questions)
        notebook, matching, of_code = with_own_code(notebook, matching, questions)
        findings += [Remark(*said) for said in of_code]
        findings += _against_release(notebook, releases, matching)
        findings += _artifacts(assignment, path.parent)
        findings += _beside(path, assignment)
    asked = _asked(notebook)
    for cell in notebook.cells:
        claim = claims[cell.index] if cell.index < len(claims) else {}
        findings += _cell_findings(cell, claim, matching, asked)
    if matching is None or matching.release is None:
        findings += _of_ids(notebook, claims)
    return findings


def _asked(notebook: Notebook) -> set[str]:
    """Return the words that the graded cells may need: their own, and those of the student's cells that give one of
    them a meaning, and so on.
    """
    asked = {word for cell in notebook.code_cells if cell.grade_id for word in _WORD.findall(cell.source)}
    own = [cell for cell in notebook.code_cells if not cell.grade_id]
    while needed := [cell for cell in own if asked & given_names(cell.source)]:
        own = [cell for cell in own if cell not in needed]
        asked.update(word for cell in needed for word in _WORD.findall(cell.source))
    return asked


def _assignment_of(notebook: Notebook, path: Path, course: Course | None) -> tuple[Assignment | None, list[Remark]]:
    """Return which assignment grading takes the notebook for, and what to say of that."""
    if not notebook.assignment:
        advice = "Keep the file's name as you were given it: that says so, too."
        remarks = [Remark("note", "", f"The notebook's metadata do not say which assignment it is. {advice}")]
    else:
        remarks = []
    if course is None:
        return None, remarks
    names = [one.name for one in course.assignments]
    named = named_assignment(path.name, names) or (names[0] if len(names) == 1 else "")
    says = next((one.name for one in course.assignments if notebook.release in _release_ids(one)), "")
    says = says or (notebook.assignment if notebook.assignment in names else "")
    if notebook.assignment and notebook.assignment not in names:
        text = f"The notebook is of {notebook.assignment!r}, which is no assignment of {course.title}."
        taken = f" It is graded as {says or named}." if says or named else ""
        remarks.append(Remark("note" if taken else "problem", "", text + taken))
    elif not says and not named:
        text = f"Neither the notebook nor its file's name says which assignment of {course.title} it is."
        remarks.append(Remark("problem", "", text))
    if says and named not in ("", says):
        text = f"This is the notebook of {says} under the name of {named}: as {named} it is set aside."
        remarks.append(Remark("problem", "", text))
    name = says or named
    return (course.assignment(name) if name else None), remarks


def _release_ids(assignment: Assignment) -> frozenset[str]:
    return frozenset(entry.release for entry in load_releases(assignment.releases_path).entries)


def _against_release(notebook: Notebook, releases: Releases, matching: Matching) -> Iterator[Remark]:
    """Yield what grading will say of the notebook's cells, in its own words: it is the same matching and the same
    plan.
    """
    if releases.newest is not None:
        if not notebook.release:
            pass  # the matching says so
        elif releases.get(notebook.release) is None:
            yield Remark("note", "", f"Its release {notebook.release!r} is not known here.")
        elif notebook.release != releases.newest.release:
            yield Remark("note", "", "A newer version of this assignment is out; this one can still be graded.")
    claimed = {cell.index for cell in notebook.cells if cell.grade_id}  # of these the cell itself says so
    told = any(match.retyped and match.index not in claimed for match in matching.cells)
    for notice in (*matching.notices, *plan_execution(notebook, matching).notices):
        if "not as code" not in notice:
            yield Remark("note", "", notice)
        elif told:
            yield Remark("problem", "", notice)
    for question in matching.missing:
        yield Remark("problem", "", f"The cell of question {question!r} is gone. Copy it from the starter.")


def _artifacts(assignment: Assignment, folder: Path) -> Iterator[Remark]:
    """Yield files to hand in that are not there, under the names that grading takes them by."""
    try:
        there = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError:
        there = []
    for artifact in assignment.artifacts:
        if not any(name == artifact or plain_copy(name) == artifact.lower() for name in there):
            advice = "run the training cell, and hand the file in too"
            yield Remark("problem", "", f"{artifact} does not lie beside the notebook: {advice}.")


def _beside(path: Path, assignment: Assignment) -> Iterator[Remark]:
    """Yield which notebook of the same folder grading would take if all of them were handed in."""
    try:
        there = [one for one in path.parent.iterdir() if one.name.lower().endswith(".ipynb") and one.is_file()]
        if len(there) > _MOST_BESIDE:
            return
        files = tuple(
            HandedFile((one.name,), ListedFile((one.name,), one.name, one.stat().st_size, None, (), one.read_bytes))
            for one in there
        )
    except OSError:
        return
    wanted = Wanted(assignment.name, releases=lambda: _release_ids(assignment))
    for choice in Chooser(HandIn("folders", "", Owner(""), files=files), [wanted], assignment.name).choices():
        if choice.notebook is not None and choice.notebook.name != path.name:
            name = shown(choice.notebook.name)
            yield Remark("note", "", f"Of the notebooks in this folder {name} is graded, not this one: hand in one.")


def _cell_findings(cell: Cell, claim: dict[str, Any], matching: Matching | None, asked: set[str]) -> Iterator[Remark]:
    """Yield what is to be said of one cell. matching: with the release, where that is known. asked: the words of the
    cells that are graded; a cell of one's own that does not run costs points where it gives one of them a meaning.
    """
    place = f"cell {cell.index + 1}" + (f" ({cell.grade_id})" if cell.grade_id else "")
    retyped = claim.get("cell_type") in ("code", "markdown") and claim["cell_type"] != cell.kind
    if cell.kind == "code" and not retyped and (problem := _syntax_error(cell.source)):
        needed = asked & given_names(cell.source)
        costs = bool(claim.get("solution")) or _is_blank(cell, matching) or bool(needed)
        yield Remark("problem" if costs else "note", place, problem)
    as_released = _as_released(cell, claim)
    if retyped and claim.get("locked") and not claim.get("solution"):
        yield Remark("note", place, f"is {_KINDS[cell.kind]} now; it is graded as it was released")
    elif retyped:
        yield Remark("problem", place, f"is {_KINDS[cell.kind]} now, not {_KINDS[claim['cell_type']]}: change it back")
    elif matching is not None and (released := matching.cells[cell.index].released) is not None and released.task:
        if matching.cells[cell.index].untouched:
            yield Remark("problem", place, "nothing of yours is in this notebook that could answer this task")
    elif claim.get("solution") or _is_blank(cell, matching):
        if not _counts(cell, matching):
            return  # another cell of the same blank is graded
        empty = _EMPTY_ANSWER.findall(cell.source) if cell.kind == "code" else []
        unanswered = [name for name in empty if not _assigned(name, cell.source)]
        match = matching.cells[cell.index] if matching is not None else None
        stub = match is not None and (match.stub or match.untouched)
        if unanswered:
            yield Remark("problem", place, f"not answered yet: {', '.join(unanswered)}")
        elif as_released or stub or (cell.kind == "code" and _still_raises(cell.source)):
            yield Remark("problem", place, "not filled in yet")
        elif not (essence(cell.source) if cell.kind == "code" else cell.source.strip()):
            yield Remark("problem", place, "holds nothing any more")
    elif as_released is False and cell.kind == "code" and (claim.get("locked") or claim.get("grade")):
        yield Remark("note", place, "changed from how it was released; it is graded as it was released")
    if "figure" in cell.tags and cell.kind == "code" and not cell.outputs:
        yield Remark("note", place, "no figure in it: run it before you hand in, a person looks at its output")


def _is_blank(cell: Cell, matching: Matching | None) -> bool:
    """Return whether the release says that the cell holds a blank, whatever its own metadata say."""
    return matching is not None and matching.release is not None and bool(matching.cells[cell.index].questions)


def _counts(cell: Cell, matching: Matching | None) -> bool:
    """Return whether this is the cell that grading takes for its blank."""
    if matching is None or matching.release is None or not matching.cells[cell.index].grade_id:
        return True
    return cell.index in matching.grade_ids


def _of_ids(notebook: Notebook, claims: list[dict[str, Any]]) -> Iterator[Remark]:
    counts = Counter(cell.grade_id for cell in notebook.cells if cell.grade_id)
    for grade_id, count in counts.items():
        if count > 1:
            yield Remark(
                "note", "", f"The cell {grade_id!r} is there {count} times; the last that is filled in counts."
            )
    blanks = {str(claim.get("grade_id")) for claim in claims if claim.get("solution")}
    own = {name for cell in notebook.code_cells if not cell.grade_id for name in defined_names(cell.source)}
    for cell in notebook.cells:
        question = cell.grade_id.removeprefix("check_")
        if question == cell.grade_id:
            continue
        if not any(re.fullmatch(re.escape(question) + r"(_\d+)?", blank) for blank in blanks):
            if own & set(re.findall(r"\w+", cell.source)):
                continue  # typed anew in a cell of one's own: grading finds it by its name
            advice = "Copy that from the starter."
            yield Remark("problem", "", f"The check of {question!r} is there, but not the cell it checks. {advice}")


def _as_released(cell: Cell, claim: dict[str, Any]) -> bool | None:
    """Return whether the cell's checksum is the released one; None if it has none."""
    if not isinstance(claim.get("checksum"), str) or not cell.grade_id:
        return None
    raw = {"source": cell.source, "cell_type": cell.kind, "metadata": {"nbgrader": claim}}
    node = nbformat.from_dict(raw)  # type: ignore[no-untyped-call]
    from nbgrader.utils import compute_checksum  # a second of processor time, which few notebooks need

    try:
        return bool(compute_checksum(node) == claim["checksum"])
    except (KeyError, TypeError, ValueError):  # metadata that is no longer nbgrader's
        return False


def _assigned(name: str, source: str) -> bool:
    """Return whether the last line that gives the name a value gives it another one than None."""
    given = re.findall(rf"^[ \t]*{name}\s*=(?!=)[ \t]*(None\b)?", source, re.MULTILINE)
    return bool(given) and not given[-1]


def _still_raises(source: str) -> bool:
    """Return whether a function of the cell still ends as the released stub does: a raise in some branch is the
    student's.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return any(map(_is_stub, tree.body)) or any(
        _is_stub(statement) for function in _standing_functions(tree) for statement in function.body
    )


def _standing_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that a name still stands for: of several of one name in one place the last."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        inside = body if isinstance(body, list) else []
        functions = (one for one in inside if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        yield from {function.name: function for function in functions}.values()


def _is_stub(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _syntax_error(source: str) -> str:
    """Return what is wrong with the code as Jupyter would run it, magics and all; empty where nothing is."""
    try:
        plain = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
        compile(plain, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        return f"does not run{line}: {message}"
    return ""


def _raw_cells(data: bytes) -> list[Any]:
    document = parse(data).value
    cells = document.get("cells") if isinstance(document, dict) else None
    return cells if isinstance(cells, list) else []


def _claim(raw: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of one cell, or nothing."""
    metadata = raw.get("metadata") if isinstance(raw, dict) else None
    claim = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return claim if isinstance(claim, dict) else {}
