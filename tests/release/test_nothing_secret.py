"""The proof that what students get holds no solution line, hidden test line, mark scheme or answer key.

It reads the masters as text and searches the bytes under assignments/; it shares no code with the check that
`autograder release` makes itself.
"""

from __future__ import annotations

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.course.course import load_course

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/solution.py"))
ROUTINE = re.compile(r"(import |from |def |class |@|#|super\(\)|for .* in \w+:$|with torch\.no_grad\(\):$)")


def secret_blocks(name: str, kind: str) -> list[list[str]]:
    """Lines between the markers, block by block."""
    text = (ROOT / "solutions" / name / "solution.py").read_text(encoding="utf-8")
    blocks = re.findall(rf"BEGIN {kind}\n(.*?)### END {kind}", text, re.DOTALL)
    return [[line.strip() for line in block.split("\n") if line.strip(" #\t")] for block in blocks]


def handed_out(name: str) -> dict[str, list[str]]:
    """Place -> stripped lines, for every cell of the starter and every other file under assignments/<name>."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "assignments" / name).rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        if path.suffix == ".ipynb":
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                tags = set(cell["metadata"].get("tags", []))
                place = "given" if tags & {"given", "setup", "train", "figure"} else "cell"
                lines = "".join(cell["source"]).split("\n") + json.dumps(cell.get("outputs", [])).split("\n")
                found[f"{place} {cell['id']}"] = [line.strip() for line in lines]
        else:
            text = path.read_text(encoding="utf-8", errors="replace")
            found[f"given {path.name}"] = [line.strip() for line in text.split("\n")]
    assert found
    return found


def telling(line: str) -> bool:
    return len(line.replace(" ", "")) >= 16 and not ROUTINE.match(line)


def test_there_are_assignments_to_look_at() -> None:
    assert {"03_separable", "04_distillation"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_line_is_in_text_blanks_or_checks(name: str) -> None:
    places = handed_out(name)
    lines = {line for block in secret_blocks(name, "SOLUTION") for line in block if telling(line)}
    assert len(lines) > 20
    everything = {place: "\n".join(text) for place, text in places.items() if place.startswith("cell ")}
    assert [(line, place) for line in lines for place, text in everything.items() if line in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_given_code_shares_at_most_single_lines_with_solutions(name: str) -> None:
    """Code that is wrong on purpose shares most lines with the right one; two lines in a row would be the answer."""
    given = {place: [line for line in text if telling(line)] for place, text in handed_out(name).items()}
    for block in secret_blocks(name, "SOLUTION"):
        lines = [line for line in block if telling(line)]
        for first, second in pairwise(lines):
            for place, text in given.items():
                assert (first, second) not in set(pairwise(text)), place


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_key_and_no_mark_scheme(name: str) -> None:
    everything = "\n".join(line for lines in handed_out(name).values() for line in lines)
    keys = [line.split("#")[0].strip() for block in secret_blocks(name, "SOLUTION") for line in block
            if re.match(r"\w+ = \"[a-d]\"", line)]  # fmt: skip
    schemes = [line.lstrip("# -") for block in secret_blocks(name, "MARK SCHEME") for line in block]
    assert len(keys) >= 5
    assert len(schemes) >= 3
    assert [secret for secret in keys + schemes if secret in everything] == []


def lines_of_tests(source: str) -> set[str]:
    """The lines of the tests themselves: docstrings are what students read, and public twins are public."""
    found: set[str] = set()
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            found |= {line.strip() for line in lines[first.lineno - 1 : node.end_lineno]}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_hidden_test_line_and_no_marker(name: str) -> None:
    everything = "\n".join(line for lines in handed_out(name).values() for line in lines)
    assert not re.search(r"(BEGIN|END) (SOLUTION|STARTER|HIDDEN TESTS|MARK SCHEME)", everything)
    path = ROOT / "solutions" / name / "hidden_tests.py"
    assert path.is_file()
    lines = {line for line in lines_of_tests(path.read_text(encoding="utf-8")) if telling(line)}
    assert len(lines) > 20
    assert [line for line in lines if line in everything] == []


@pytest.mark.parametrize("name", NAMES)
def test_only_the_starter_and_the_public_files_are_there(name: str) -> None:
    assignment = load_course(ROOT).assignment(name)
    wanted = {assignment.starter_path.name, *(path.name for path in assignment.public_paths)}
    found = {path.name for path in assignment.starter_dir.iterdir()} - {"__pycache__", ".ipynb_checkpoints"}
    assert found == wanted
