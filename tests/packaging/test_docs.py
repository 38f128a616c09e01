"""The docs say what is there: commands exist with these options, Python is Python, calls fit what they call."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import autograder.testing
from autograder.cli import main
from autograder.course.new import new_course
from autograder.testing import Rng

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md"), *ROOT.glob("examples/*.md"), ROOT / "README.md"]
)
_INLINE = re.compile(r"`autograder ([a-z][^`]*)`")
_LINE = re.compile(r"^(?: {4}|\$ )(?:\.venv/bin/)?autograder ([a-z].*)$", re.MULTILINE)
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE_BLOCK = re.compile(r"^`([\w./]+)`:\n\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROSE = {"and", "or", "is"}


def commands() -> Iterator[tuple[str, str]]:
    """(where, what is typed after `autograder`) of every command that a page names."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in (*_INLINE.finditer(text), *_LINE.finditer(text)):
            typed = re.split(r"\s{2,}| # |[;|]", match[1].replace("…", "").replace("[", "").replace("]", ""))[0]
            yield f"{page.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 1}", typed.strip()


def problem(typed: str) -> str:
    """What is wrong with a command, "" if nothing is."""
    words = shlex.split(typed.split(" `")[0])
    command: click.Command = main
    context = click.Context(main, info_name="autograder")
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0]) if words else None
        if found is None:
            return "" if not words and command is not main else f"{context.command_path} has no command {words[:1]}"
        context, command, words = click.Context(found, info_name=words[0], parent=context), found, words[1:]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    takes_paths = any(isinstance(parameter, click.Argument) for parameter in command.params)
    for word in words:
        if word.startswith("-") and word.split("=")[0] not in {*options, "--help", "-h"}:
            return f"{context.command_path} has no option {word}"
    takes_values = any(isinstance(p, click.Option) and not p.is_flag for p in command.params)
    if words and not takes_paths and not words[0].startswith("-") and not takes_values:
        return f"{context.command_path} takes no argument, found {words[0]!r}"
    return ""


def test_every_command_in_the_docs_exists_with_its_options() -> None:
    found = list(commands())
    assert len(found) > 60, "the pages are read"
    assert [f"{where}: autograder {typed}: {wrong}" for where, typed in found if (wrong := problem(typed))] == []


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("leaderbord", "has no command"),
        ("grade x --jbos 2", "has no option --jbos"),
        ("new my_course", "has no command"),
        ("grade --jobs=2 x", ""),
        ("new course FOLDER", ""),
        ("export", ""),
    ],
)
def test_a_wrong_command_would_be_noticed(typed: str, wrong: str) -> None:
    found = problem(typed)
    assert wrong in found
    assert bool(wrong) == bool(found)


def blocks() -> list[tuple[str, str]]:
    return [
        (f"{page.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 2}", match[1])
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for match in _BLOCK.finditer(text)
    ]


@pytest.mark.parametrize(("where", "source"), blocks())
def test_python_in_the_docs_calls_what_there_is(where: str, source: str) -> None:
    """Names imported from the package are there, and calls of them and of `rng` fit their signatures."""
    tree = ast.parse(source, where)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "autograder.testing":
            assert {alias.name for alias in node.names} <= set(autograder.testing.__all__), where
        if isinstance(node, ast.Call) and (called := _called(node.func)) is not None:
            positional = [None] * len(node.args)
            keywords = {keyword.arg: None for keyword in node.keywords if keyword.arg}
            try:
                inspect.signature(called).bind(*positional, **keywords)
            except TypeError as error:
                pytest.fail(f"{where}, line {node.lineno}: {ast.unparse(node)}: {error}")


def _called(function: ast.expr) -> object:
    """What a call means: a name of autograder.testing, or a method of `rng`, bound; None for what is the course's."""
    if isinstance(function, ast.Name) and function.id in autograder.testing.__all__:
        return getattr(autograder.testing, function.id)
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "rng":
        method = getattr(Rng, function.attr, None)
        assert method is not None, f"rng has no {function.attr}"
        return method.__get__(Rng(0)) if inspect.isfunction(method) else None
    return None


def test_methods_of_rng_are_all_documented_with_their_arguments() -> None:
    text = (ROOT / "docs/hidden-tests.md").read_text(encoding="utf-8")
    public = [name for name in vars(Rng) if not name.startswith("_")]
    for name in public:
        method = getattr(Rng, name)
        if inspect.isfunction(method):
            arguments = ", ".join(_argument(p) for p in list(inspect.signature(method).parameters.values())[1:])
            arguments = re.sub(r", (?=\w+=)", ", ", arguments)
            assert f"`rng.{name}({arguments})`" in text, f"rng.{name}({arguments}) is not in docs/hidden-tests.md"
        else:
            assert f"`rng.{name}`" in text


def _argument(parameter: inspect.Parameter) -> str:
    name = f"*{parameter.name}" if parameter.kind is inspect.Parameter.VAR_POSITIONAL else parameter.name
    return name if parameter.default is inspect.Parameter.empty else f"{name}={parameter.default!r}"


def _dense(text: str) -> str:
    """Return the text without empty lines, of which formatters of Markdown and of Python have their own view."""
    return "\n".join(line for line in text.splitlines() if line.strip())


def test_the_small_assignment_is_the_one_that_new_writes(tmp_path: Path) -> None:
    new_course(tmp_path / "course", "A new course", "01_first")
    shown = _FILE_BLOCK.findall((ROOT / "docs/small-assignment.md").read_text(encoding="utf-8"))
    assert len(shown) >= 4
    for path, text in shown:
        written = (tmp_path / "course" / path).read_text(encoding="utf-8")
        assert _dense(text) in _dense(written), f"docs/small-assignment.md: {path} is not as `autograder new` writes it"
