"""A master of `otter assign`, in the format of version 1 and later, or the older one with fenced cells.

Version 1: raw cells (or Markdown fenced with ```otter) `# BEGIN QUESTION` … `# END QUESTION` with blocks PROMPT,
SOLUTION and TESTS in them, and `# ASSIGNMENT CONFIG`. Before: a Markdown cell with a fenced `BEGIN QUESTION`, solution
cells behind it, and test cells that begin with `## Test ##` or `## Hidden Test ##`.

A question is scored where its check stands in the released notebook, which is behind its last cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from autograder.exchange.legacy.foreign_notebook import ForeignCell, read_foreign, runnable, text_of
from autograder.exchange.legacy.model import (
    DraftCell,
    DraftQuestion,
    ForeignAssignment,
    ForeignItem,
    Ids,
    ImportFailed,
    Role,
    settle_blanks,
)
from autograder.exchange.legacy.otter_cells import blank_of, versions
from autograder.exchange.legacy.otter_seeds import Seeds
from autograder.exchange.legacy.otter_solved import has_blocks, read_cells
from autograder.exchange.legacy.otter_tests import OtterCase, TestFile, read_test_file, resolve_points

_BOUNDARY = re.compile(r"#\s+(begin|end)\s+(question|prompt|solution|tests)\b", re.IGNORECASE)
_CONFIG = re.compile(r"#?\s*(assignment\s+config|begin\s+assignment)\b", re.IGNORECASE)
_IGNORED = re.compile(r"#{1,2}\s*ignore\b", re.IGNORECASE)
_OLD_QUESTION = re.compile(r"```\s*\n\s*BEGIN QUESTION\s*\n(.*?)\n\s*```", re.DOTALL)
_OLD_TEST = re.compile(r"^\s*#+\s*(hidden\s+)?test\s*#*\s*$", re.IGNORECASE)
_FENCED = re.compile(r"^```otter\n(.*?)\n```\s*$", re.DOTALL | re.MULTILINE)
_TEST_CONFIG = re.compile(
    r'^\s*(?:\w\s*=\s*)?"{1,3}\s*#\s*BEGIN\s*TEST\s*CONFIG\s*\n(.*?)\n'
    r'"{1,3};?\s*#\s*END\s*TEST\s*CONFIG\s*(?:\n|$)',
    re.DOTALL | re.IGNORECASE,
)
_PROMPT = "*Write your answer here.*"
_STOOD_IN = {
    "generate": "no zip for Gradescope and no PDF is made of it; grades go out by `autograder export`",
    "export_cell": "students hand in the notebook itself",
    "plugins": "plugins are not run",
    "environment": "state the packages in constraints.txt",
    "requirements": "state the packages in constraints.txt",
    "variables": "a log of variables is not read: it would have to be unpickled",
    "runs_on": "notebooks run here",
}


@dataclass
class _OpenQuestion:
    """The question whose cells are being read."""

    config: dict[str, Any]
    question: DraftQuestion
    cases: list[OtterCase] = field(default_factory=list)
    prompted: bool = False
    old: bool = False  # of the older format, which ends where the next cell of text begins


def read_master(path: Path, tests: Path | None = None) -> ForeignAssignment:
    """Read a master. tests: a folder of test files that take the place of those in it. Raises ImportFailed."""
    reader = _MasterReader(path)
    if tests is not None and not has_blocks(path):
        reader.read_solved(path, tests)
        settle_blanks(reader.draft)
        return reader.draft
    for cell in _unfenced(read_foreign(path)):
        reader.read(cell)
    reader.end_question()
    if tests is not None:
        reader.take_tests(tests)
    settle_blanks(reader.draft)
    return reader.draft


class _MasterReader:
    def __init__(self, path: Path) -> None:
        self.draft = ForeignAssignment("otter", path, copies=True)
        self._ids = Ids()
        self._item_ids = Ids()
        self._open: _OpenQuestion | None = None
        self._block = ""
        self._names: dict[str, str] = {}  # otter's name of a question -> its id
        self._ok_format = True
        self._seeds = Seeds({})

    def read(self, cell: ForeignCell) -> None:
        source = cell.source.strip("\n")
        where = f"cell {cell.index + 1}"
        if _IGNORED.match(source) or not source.strip():
            return
        if cell.kind in ("raw", "markdown") and _CONFIG.search(source.split("\n")[0]):
            self._configure(source)
        elif cell.kind == "raw" and (boundary := _BOUNDARY.match(source)) is not None:
            self._cross(boundary[1].lower(), boundary[2].lower(), source, where)
        elif (old := _OLD_QUESTION.search(source)) is not None and cell.kind in ("raw", "markdown"):
            self.end_question()
            self._begin(old[1], where, old=True)
            text = (source[: old.start()] + source[old.end() :]).strip()
            if text:
                self._text(text)
        elif cell.kind == "raw":
            self.draft.note(where, "is a raw cell, which is left out")
        elif cell.kind == "markdown":
            self._markdown(source)
        else:
            self._code(cell, source, where)

    # -- blocks ----------------------------------------------------------------------------------

    def _configure(self, source: str) -> None:
        config = _yaml(re.sub(r"```(otter)?", "", "\n".join(source.split("\n")[1:])), f"{self.draft.source}: config")
        for key, reason in _STOOD_IN.items():
            if key in config and config[key] not in (False, None):
                self.draft.note(f"setting `{key}`", reason)
        self._seeds = Seeds(config)
        self.draft.seed = self._seeds.seed
        tests = config.get("tests")
        if config.get("ok_format") is False or (isinstance(tests, dict) and tests.get("ok_format") is False):
            self._ok_format = False
        for key in ("files", "student_files", "autograder_files"):
            for name in config.get(key) or ():
                file = self.draft.source.parent / str(name)
                if file.exists():
                    self.draft.files.append(file)
                else:
                    self.draft.note(f"file `{name}`", "is named in the configuration and not there")

    def _cross(self, side: str, block: str, source: str, where: str) -> None:
        if block == "question":
            self.end_question()
            if side == "begin":
                self._begin("\n".join(source.split("\n")[1:]), where)
            return
        if self._open is None:
            raise ImportFailed(f"{self.draft.source}: {where}: found {side.upper()} {block.upper()} outside a question")
        self._block = block if side == "begin" else ""

    def _begin(self, config: str, where: str, *, old: bool = False) -> None:
        found = _yaml(config, f"{self.draft.source}: {where}")
        name = str(found.get("name", ""))
        if not name:
            raise ImportFailed(f"{self.draft.source}: {where}: found a question without a name")
        id = self._ids.new(name)
        self._names[name] = id
        question = DraftQuestion(id, name, "manual" if found.get("manual") else "tests",
                                 all_or_nothing=found.get("all_or_nothing") is True)  # fmt: skip
        self._open = _OpenQuestion(found, question, old=old)
        self.draft.questions.append(question)

    def end_question(self) -> None:
        """Close the question that is open: resolve its points, and put its check behind its cells."""
        opened, self._open, self._block = self._open, None, ""
        if opened is None:
            return
        question, points = opened.question, opened.config.get("points")
        if question.kind == "manual" and opened.cases:
            self.draft.note(question.id, "is graded by a person and has tests: the tests grade it here")
            question.kind = "tests"
            for cell in self.draft.cells:
                if cell.question == question.id and cell.role == "manual":
                    cell.role = "blank" if cell.kind == "code" else "text"
        if question.kind == "manual":
            question.points = float(points) if isinstance(points, int | float) else 0.0
            self._one_manual(question)
        elif opened.cases:
            resolved = resolve_points(points, opened.cases, f"{self.draft.source}: question {question.title}")
            for case, worth in zip(opened.cases, resolved, strict=True):
                case.points = worth
            self._add_tests(question, opened.cases)

    def _one_manual(self, question: DraftQuestion) -> None:
        """Leave a question of a person's one cell; what else is to be filled in is worth nothing by itself."""
        own = [cell for cell in self.draft.cells if cell.question == question.id and cell.role == "manual"]
        if not own:
            self.draft.cells.append(DraftCell("markdown", _with_scheme(_PROMPT, "(none)"), "manual", question.id))
            return
        main = next((cell for cell in reversed(own) if cell.kind == "markdown"), own[-1])
        for cell in own:
            if cell is not main:
                cell.role = "blank"
                cell.question = ""
                if not cell.solution or cell.kind == "markdown":
                    cell.role = "plain" if cell.kind == "code" else "text"

    def _add_tests(self, question: DraftQuestion, cases: list[OtterCase]) -> None:
        check = DraftCell("code", _visible_check(question.title, cases), "check", question.id, grade_id=f"{question.id}-check", original=question.title)  # fmt: skip  # noqa: E501
        self.draft.cells.append(check)
        for number, case in enumerate(cases, start=1):
            name = case.name or f"{question.title} - {number}"
            self.draft.items.append(
                ForeignItem(
                    id=self._item_ids.new(f"{question.id}_{number}", "item"),
                    question=question.id,
                    title=f"Test case {name} passes.",
                    points=float(case.points or 0.0),
                    form=case.form,
                    source=case.source,
                    visible="" if case.hidden else case.source,
                    function=case.function,
                    success=case.success,
                    failure=case.failure,
                    at=check.grade_id,
                )
            )

    def read_solved(self, path: Path, folder: Path) -> None:
        """Read a solved notebook whose tests are the files of a folder. Raises ImportFailed."""
        files = {file.name: file for file in map(read_test_file, sorted(folder.glob("*.py")))}
        checks = read_cells(self.draft, path)
        last = {name: place for name, place in checks if name in files}  # the last check of a question counts
        cells, self.draft.cells = self.draft.cells, []
        for cell in cells:
            if cell.question:
                cell.question = self._named(cell.question)
        end = 0
        for name, place in sorted(last.items(), key=lambda item: item[1]):
            self.draft.cells += cells[end:place]
            end = place
            self._add_file(files.pop(name))
        self.draft.cells += cells[end:]
        for file in files.values():
            self.draft.note(file.name, "is checked nowhere in the notebook: it is scored after the last cell")
            self._add_file(file)
        for name, _ in checks:
            if name not in last:
                self.draft.note(name, "is checked in the notebook and has no test file")

    def _named(self, name: str) -> str:
        if name not in self._names:
            self._names[name] = self._ids.new(name)
            self.draft.questions.append(DraftQuestion(self._names[name], name, "tests"))
        return self._names[name]

    def _add_file(self, file: TestFile) -> None:
        question = self.draft.question(self._named(file.name))
        question.all_or_nothing = file.all_or_nothing
        self._add_tests(question, file.cases)

    def take_tests(self, folder: Path) -> None:
        """Let the test files of a folder take the place of the tests in the notebook. Raises ImportFailed."""
        for path in sorted(folder.glob("*.py")):
            file = read_test_file(path)
            id = self._names.get(file.name)
            if id is None:
                self.draft.note(path.name, f"is of the question {file.name!r}, which the notebook does not have")
                continue
            question = self.draft.question(id)
            self._replace(question, file)

    def _replace(self, question: DraftQuestion, file: TestFile) -> None:
        place = max((i for i, cell in enumerate(self.draft.cells) if cell.question == question.id), default=-1) + 1
        rest = self.draft.cells[place:]
        self.draft.cells = [
            c for c in self.draft.cells[:place] if not (c.role == "check" and c.question == question.id)
        ]
        self.draft.items = [item for item in self.draft.items if item.question != question.id]
        question.kind, question.all_or_nothing = "tests", file.all_or_nothing
        self._add_tests(question, file.cases)
        self.draft.cells += rest

    # -- cells -----------------------------------------------------------------------------------

    def _markdown(self, source: str) -> None:
        opened = self._open
        if opened is not None and opened.question.kind == "manual":
            if self._block == "prompt":
                opened.prompted = True
                self.draft.cells.append(
                    DraftCell("markdown", _with_scheme(source, "(none)"), "manual", opened.question.id)
                )
                return
            if self._block == "solution" or (opened.old and source.lstrip("* #").upper().startswith("SOLUTION")):
                self._sample_answer(opened, source)
                return
        if self._block in ("solution", "prompt"):
            return  # of a question that tests grade: nobody but the instructor gets it
        if opened is not None and opened.old and opened.cases:
            self.end_question()
        self._text(source)

    def _sample_answer(self, opened: _OpenQuestion, source: str) -> None:
        cells = self.draft.cells
        if opened.prompted and cells and cells[-1].role == "manual":
            cells[-1].source = cells[-1].source.replace("(none)", source, 1)
        else:
            cells.append(DraftCell("markdown", _with_scheme(_PROMPT, source), "manual", opened.question.id))
            opened.prompted = True

    def _text(self, source: str) -> None:
        self.draft.cells.append(DraftCell("markdown", source, "text"))

    def _code(self, cell: ForeignCell, source: str, where: str) -> None:
        opened = self._open
        if opened is not None and (self._block == "tests" or (opened.old and _OLD_TEST.match(source.split("\n")[0]))):
            opened.cases.append(_case(cell, source, f"{self.draft.source}: {where}", ok_format=self._ok_format))
            return
        if opened is not None and opened.old and opened.cases:
            self.end_question()
            opened = None
        source = self._seeds.of_students(runnable(self.draft, where, source))
        if not source.strip():
            return
        solved, shown = versions(source)
        if self._block == "prompt":
            return  # students' version of the solution block that follows it
        if solved == shown:
            self.draft.cells.append(DraftCell("code", solved, "plain" if opened else "given"))
            return
        if opened is None:
            self.draft.note(where, "has a solution and is in no question; its blank belongs to the next one")
        question = opened.question.id if opened is not None else ""
        role: Role = "manual" if opened is not None and opened.question.kind == "manual" else "blank"
        self.draft.cells.append(DraftCell("code", blank_of(solved, shown), role, question, solution=True))


def _unfenced(cells: list[ForeignCell]) -> Iterator[ForeignCell]:
    """Yield the cells with what is fenced as otter's in Markdown as raw cells of their own."""
    for cell in cells:
        if cell.kind != "markdown" or "```otter" not in cell.source:
            yield cell
            continue
        place = 0
        for fence in _FENCED.finditer(cell.source):
            if before := cell.source[place : fence.start()].strip():
                yield ForeignCell(cell.index, "markdown", before, {}, [])
            yield ForeignCell(cell.index, "raw", fence[1], {}, [])
            place = fence.end()
        if rest := cell.source[place:].strip():
            yield ForeignCell(cell.index, "markdown", rest, {}, [])


def _case(cell: ForeignCell, source: str, where: str, *, ok_format: bool) -> OtterCase:
    config: dict[str, Any] = {}
    if (found := _TEST_CONFIG.match(source)) is not None:
        config = _yaml(found[1], where)
        source = source[found.end() :]
    first = source.split("\n")[0].strip()
    hidden = first.startswith("#") and re.search(r"\bhidden\b", first, re.IGNORECASE) is not None
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ImportFailed(f"{where}: the test cannot be read as Python ({error})") from error
    case = OtterCase(
        "examples",
        "",
        bool(config.get("hidden", hidden)),
        config.get("points"),
        name=str(config.get("name", "")),
        success=str(config.get("success_message") or ""),
        failure=str(config.get("failure_message") or ""),
    )
    if ok_format:
        case.source = _doctest(tree, _output(cell))
    else:
        defined = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        if len(defined) != 1 or tree.body[0] is not defined[0]:
            raise ImportFailed(f"{where}: expected one test function and at most a call of it")
        case.form, case.function, case.source = "function", defined[0].name, ast.unparse(defined[0])
    return case


def _doctest(tree: ast.Module, output: str) -> str:
    lines = []
    for node in tree.body:
        first, *more = ast.unparse(_WithoutAnnotations().visit(node)).split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in more)]
    return "\n".join([*lines, *output.rstrip("\n").split("\n")]).rstrip("\n") + "\n"


class _WithoutAnnotations(ast.NodeTransformer):
    """Takes annotations of functions off, as otter does."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def _output(cell: ForeignCell) -> str:
    """Return what the saved outputs of a test cell print: otter expects just that."""
    parts = []
    for output in cell.outputs:
        parts.append(text_of(output.get("text", "")))
        parts.append(text_of(output.get("data", {}).get("text/plain", "")))
    return "".join(parts)


def _visible_check(name: str, cases: list[OtterCase]) -> str:
    """Return a code cell with which students try the visible cases."""
    shown = [case for case in cases if not case.hidden]
    if not shown:
        return f"# {name}: this question has hidden tests only."
    parts = [f"# {name}: the visible tests. What fails is printed."]
    for case in shown:
        if case.form == "function":
            wanted = [argument.arg for argument in _function(case).args.args]
            given = ", ".join("globals()" if name == "env" else name for name in wanted)
            parts.append(f"{case.source}\n\n{case.function}({given})")
        else:
            text = case.source.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
            parts.append(f'import doctest\n\ndoctest.run_docstring_examples("""\n{text}""", globals(), name={name!r})')
    return "\n\n".join(parts)


def _function(case: OtterCase) -> ast.FunctionDef:
    return next(
        node for node in ast.parse(case.source).body if isinstance(node, ast.FunctionDef) and node.name == case.function
    )


def _with_scheme(text: str, scheme: str) -> str:
    return f"{text}\n\n### BEGIN MARK SCHEME\n{scheme}\n### END MARK SCHEME"


def _yaml(text: str, where: str) -> dict[str, Any]:
    try:
        found = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ImportFailed(f"{where}: cannot be read as YAML ({str(error).splitlines()[0]})") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ImportFailed(f"{where}: found {type(found).__name__}, expected settings, each with a name and a colon")
    return found
