"""The rooms of the engine: the folders, the table in docs/architecture.md and the rule in .importlinter agree."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "autograder"


def rooms() -> set[str]:
    """Return the folders and files at the top of the package that hold code."""
    folders = {path.parent.name for path in ENGINE.glob("*/*.py")}
    return folders | {path.stem for path in ENGINE.glob("*.py")} - {"__init__", "__main__"}


def floors_of_the_rule() -> list[set[str]]:
    """Return the rooms of the layers contract, floor by floor, from the front door down."""
    rule = configparser.ConfigParser()
    rule.read(ROOT / ".importlinter")
    lines = rule["importlinter:contract:rooms"]["layers"].split("\n")
    return [{name.strip().removeprefix("autograder.") for name in line.split("|")} for line in lines if line.strip()]


def floors_of_the_page() -> list[set[str]]:
    """Return the rooms of the table in docs/architecture.md, floor by floor."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    floors: dict[int, set[str]] = {}
    for floor, room in re.findall(r"^\| (\d+) \| `([\w.]+)/?` \|", page, re.MULTILINE):
        floors.setdefault(int(floor), set()).add(room.removesuffix(".py"))
    return [floors[floor] for floor in sorted(floors)]


def test_every_room_stands_in_the_rule_and_on_the_page() -> None:
    assert set().union(*floors_of_the_rule()) == rooms()
    assert set().union(*floors_of_the_page()) == rooms()


def test_the_page_has_the_floors_of_the_rule() -> None:
    assert floors_of_the_page() == floors_of_the_rule()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_files_of_the_engine_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.(?:py|html|css|js))`", page.read_text(encoding="utf-8"))
    inside = {
        name.removeprefix("autograder/") for name in named if name.removeprefix("autograder/").split("/")[0] in rooms()
    }
    assert [name for name in sorted(inside) if not (ENGINE / name).is_file()] == []


def test_a_name_of_a_class_means_one_thing() -> None:
    where: dict[str, set[str]] = {}
    for file in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name.lstrip("_"), set()).add(str(file.relative_to(ENGINE)))
    assert {name: files for name, files in where.items() if len(files) > 1} == {}


NO_VERBS = {
    "a",
    "an",
    "as",
    "at",
    "both",
    "for",
    "from",
    "how",
    "if",
    "its",
    "of",
    "that",
    "the",
    "those",
    "what",
    "when",
}
NO_VERBS |= {"where", "whether", "which", "who", "whose", "with"}
ARTICLES = {"a", "an", "the"}  # a class may be named by a noun, and so may a property


def test_docstrings_begin_with_what_is_done() -> None:
    """With a verb, that is: who reads a list of functions reads first words."""
    found = []
    for file in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and (
                text := ast.get_docstring(node)
            ):
                first = text.split()[0].rstrip(",:.")
                thing = isinstance(node, ast.ClassDef) or any("property" in ast.unparse(d) for d in node.decorator_list)
                allowed = first.lower() not in NO_VERBS - (ARTICLES if thing else set())
                if not (thing or first[0].isupper()) or not allowed:
                    found.append(f"{file.relative_to(ROOT)}: {node.name}: {text.splitlines()[0]}")
    assert found == []


def test_every_folder_of_tests_says_what_it_is_for() -> None:
    told = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "tests/README.md").read_text(encoding="utf-8"), re.MULTILINE))
    there = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/test_*.py")}
    assert there - told == set()
