"""An assignment as otter has it: `student/` to hand out, `autograder/` for `otter generate` and `otter run`.

Students get the release with `grader.check("…")` in place of each check cell, and the visible checks as test files; no
hidden test is in `student/`. The `autograder/` folder has the hidden cases of an assignment that came from nbgrader or
otter. otter runs them in the student's process, which can read them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.course.course import Assignment, Question
from autograder.exchange.courses.imported_items import ImportedItem, imported_items
from autograder.exchange.courses.nbgrader_course import AlreadyThere
from autograder.files import write_whole
from autograder.release.starter import build_release

_HEAD = """\
from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
"""
_EXAMPLES = """

def run_examples(text, space):
    import doctest

    said = []
    test = doctest.DocTestParser().get_doctest(text, space, name, None, 0)
    if doctest.DocTestRunner(verbose=False).run(test, out=said.append).failed:
        raise AssertionError("".join(said))
"""


def write_otter_assignment(assignment: Assignment, folder: Path) -> list[str]:
    """Write `student/` and `autograder/` into `folder`; return what a person should know.

    Raises AlreadyThere where one of them is there, and ReleaseError.
    """
    for part in ("student", "autograder"):
        if (folder / part).exists():
            raise AlreadyThere(f"{folder / part}: is there already, and nothing is overwritten")
    release = build_release(assignment)
    notebook = f"{assignment.name}.ipynb"
    starter: dict[str, Any] = json.loads(release.files[notebook])
    checks = {
        cell["metadata"]["nbgrader"]["grade_id"].removeprefix("check_"): cell
        for cell in starter["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"
        and not cell["metadata"]["nbgrader"].get("solution")
    }  # fmt: skip
    questions = [question for question in assignment.questions if question.id in checks]
    items = imported_items(assignment)
    files: dict[str, bytes] = {f"student/{path}": data for path, data in release.files.items() if path != notebook}
    for question in questions:
        visible = _source(checks[question.id])
        own = [item for item in items if item.question == question.id]
        files[f"student/tests/{question.id}.py"] = file_of_tests(question, visible, []).encode()
        files[f"autograder/tests/{question.id}.py"] = file_of_tests(question, visible, own).encode()
    files[f"student/{notebook}"] = json.dumps(_for_otter(starter, notebook), ensure_ascii=False, indent=1).encode()
    files |= {f"autograder/files/{path}": data for path, data in release.files.items() if path != notebook}
    config = {"show_stdout": False, "show_hidden": False}
    files["autograder/otter_config.json"] = (json.dumps(config, indent=1) + "\n").encode()
    files["autograder/requirements.txt"] = ("\n".join(_requirements(assignment)) + "\n").encode()
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, data)
    return _notes(assignment, questions, items)


def file_of_tests(question: Question, visible: str, items: Iterable[ImportedItem]) -> str:
    """Return otter's test file of a question: its visible check, and hidden cases, which then have all the points."""
    found = list(items)
    total = sum(item.weight for item in found)
    parts = [_HEAD.format(name=question.id)]
    if any(item.all_or_nothing for item in found):
        parts.append("all_or_nothing = True\n")
    if any(item.form == "examples" for item in found):
        parts.append(_EXAMPLES)
    worth = 0.0 if total > 0 else question.points
    parts.append(_case("visible_check", visible, f"points={worth:g}, hidden=False", _run_cell()))
    for item in found:
        points = question.points * item.weight / total if total > 0 else 0.0
        marks = [f"points={points:.10g}", "hidden=True"]
        marks += [f"success_message={item.success!r}"] if item.success else []
        marks += [f"failure_message={item.failure!r}"] if item.failure else []
        parts.append(_case(item.name, item.source, ", ".join(marks), _body(item)))
    return "\n".join(parts)


def _case(name: str, source: str, marks: str, body: str) -> str:
    return f"\n{name.upper()} = {source!r}\n\n\n@test_case({marks})\ndef {name}(env):\n{body.format(text=name.upper())}"


def _run_cell() -> str:
    return '    exec(compile({text}, name, "exec"), dict(env))\n'


def _body(item: ImportedItem) -> str:
    if item.form == "examples":
        return "    run_examples({text}, dict(env))\n"
    if item.form == "cell":
        return _run_cell()
    return (
        '    space = dict(env)\n    exec(compile({text}, name, "exec"), space)\n'
        f"    test_case()(space[{item.function!r}]).call_func({{{{**space, 'env': space}}}})\n"
    )


def _source(cell: dict[str, Any]) -> str:
    """Return a check's code without the lines that only a notebook runs."""
    text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(("%", "!")))


def _for_otter(starter: dict[str, Any], notebook: str) -> dict[str, Any]:
    """Return the starter with otter's client at its top and `grader.check` where checks stand."""
    cells = []
    for cell in starter["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade") and not meta.get("solution") and cell["cell_type"] == "code":
            question = meta["grade_id"].removeprefix("check_")
            cell = {**cell, "source": f'grader.check("{question}")'}
        cells.append(cell)
    first: dict[str, Any] = {
        "cell_type": "code", "id": "otter-first", "metadata": {"deletable": False, "editable": False},
        "outputs": [], "execution_count": None,
        "source": f'import otter\n\ngrader = otter.Notebook("{notebook}")',
    }  # fmt: skip
    return {**starter, "cells": [first, *cells]}


def _requirements(assignment: Assignment) -> list[str]:
    names = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python"}
    own = {path.stem for path in assignment.public_paths}
    found = dict.fromkeys(module.partition(".")[0] for module in assignment.preload)
    return [names.get(module, module) for module in found if module not in own | sys.stdlib_module_names]


def _notes(assignment: Assignment, questions: list[Question], items: list[ImportedItem]) -> list[str]:
    own = [question.id for question in questions if not any(item.question == question.id for item in items)]
    left = [question.id for question in assignment.questions if question not in questions]
    notes = []
    if own:
        notes.append(
            f"otter scores {', '.join(own)} by their visible checks alone: hidden tests of this project call student "
            "code from outside and stay here (`autograder grade`, or `autograder export gradescope`)"
        )
    if items:
        notes.append(
            "autograder/tests/ has hidden tests: otter runs them in the student's process, which can read them; they "
            "are in no file of student/"
        )
    if any(item.form == "cell" for item in items):
        notes.append("a number at the end of a test cell gave partial credit; in otter such a case passes or fails")
    if left:
        notes.append(f"{', '.join(left)}: otter has no test and no points for what a person grades")
    return notes
