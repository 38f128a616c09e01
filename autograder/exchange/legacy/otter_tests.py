"""otter-grader's test files, read as data: the OK format (a dict of doctests) and functions under `@test_case`.

Nothing in them is run. The OK dict must be a literal, which is what otter writes.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.exchange.legacy.model import ImportFailed
from autograder.testing.legacy import Form

Points = int | float | None


@dataclass
class OtterCase:
    """One test case. points: None for a share of what is left."""

    form: Form
    source: str
    hidden: bool
    points: Points = None
    function: str = ""
    name: str = ""
    success: str = ""
    failure: str = ""


@dataclass
class TestFile:
    """One question's tests. Points of the cases are resolved."""

    __test__ = False

    name: str
    cases: list[OtterCase]
    all_or_nothing: bool = False


def resolve_points(total: Any, cases: Sequence[OtterCase], where: str) -> list[float]:
    """Return what each case is worth, as otter does.

    A list gives each case its own. A number is shared by the cases without points, after those that have some. Without
    either, cases without points are worth nothing beside cases that have some, and else share one point. Raises
    ImportFailed.
    """
    own: list[Points] = [case.points for case in cases]
    if isinstance(total, list):
        if len(total) != len(cases):
            raise ImportFailed(f"{where}: found {len(total)} points for {len(cases)} test cases, expected as many")
        own, total = list(total), None
    if isinstance(total, dict):
        total = total.get("each", 1) * len(cases)
    if (total is not None and not _is_number(total)) or any(p is not None and not _is_number(p) for p in own):
        raise ImportFailed(f"{where}: found points that are no numbers")
    given = sum(points for points in own if points is not None)
    free = sum(points is None for points in own)
    if total is not None:
        if given > total:
            raise ImportFailed(
                f"{where}: the test cases have {given:g} points, more than the {total:g} of the question"
            )
        share = (total - given) / free if free else 0.0
    else:
        share = 1 / free if free and not any(own) else 0.0
    return [float(share if points is None else points) for points in own]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_test_file(path: Path) -> TestFile:
    """Read one file of a `tests/` folder. Raises ImportFailed."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise ImportFailed(f"{path}: cannot be read as Python ({error})") from error
    settings: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            try:
                settings[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    if isinstance(settings.get("test"), dict):
        return read_ok(settings["test"], str(path))
    cases = [_function_case(node) for node in tree.body if isinstance(node, ast.FunctionDef) and _decorator(node)]
    if not cases:
        raise ImportFailed(f"{path}: found neither a literal dict `test` nor functions under @test_case")
    others = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and _decorator(node))]
    around = [
        node
        for node in others
        if not (isinstance(node, ast.ImportFrom) and str(node.module).startswith("otter"))
        and not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
                 and node.targets[0].id in ("OK_FORMAT", "name", "points", "all_or_nothing"))
    ]  # fmt: skip
    head = "\n".join(ast.unparse(node) for node in around)
    for case in cases:
        case.source = f"{head}\n{case.source}".strip()
    return _resolved(str(settings.get("name", path.stem)), settings.get("points"), cases,
                     settings.get("all_or_nothing") is True, str(path))  # fmt: skip


def read_ok(spec: dict[str, Any], where: str) -> TestFile:
    """Read an OK dict. Raises ImportFailed."""
    suites = spec.get("suites")
    if not isinstance(suites, list) or len(suites) != 1 or not isinstance(suites[0], dict) or "name" not in spec:
        raise ImportFailed(f"{where}: expected a name and one suite, as otter does")
    if suites[0].get("setup") or suites[0].get("teardown") or suites[0].get("type", "doctest") != "doctest":
        raise ImportFailed(f"{where}: found a setup, a teardown or no doctest; otter refuses them, too")
    cases = [
        OtterCase("examples", _code(case), case.get("hidden", True) is True,
             case.get("points"), name=str(case.get("name", "")), success=str(case.get("success_message") or ""),
             failure=str(case.get("failure_message") or ""))
        for case in suites[0].get("cases", [])
    ]  # fmt: skip
    return _resolved(str(spec["name"]), spec.get("points"), cases, spec.get("all_or_nothing") is True, where)


def _resolved(name: str, total: Any, cases: list[OtterCase], all_or_nothing: bool, where: str) -> TestFile:
    for case, points in zip(cases, resolve_points(total, cases, where), strict=True):
        case.points = points
    return TestFile(name, cases, all_or_nothing)


def _decorator(node: ast.FunctionDef) -> ast.expr | None:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (isinstance(called, ast.Name) and called.id == "test_case") or (
            isinstance(called, ast.Attribute) and called.attr == "test_case"
        ):
            return decorator
    return None


def _function_case(node: ast.FunctionDef) -> OtterCase:
    decorator = _decorator(node)
    given: dict[str, Any] = {}
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        try:
            given[str(keyword.arg)] = ast.literal_eval(keyword.value)
        except ValueError:
            continue
    node.decorator_list = []
    return OtterCase("function", ast.unparse(node), given.get("hidden", False) is True, given.get("points"), node.name,
                str(given.get("name") or ""), str(given.get("success_message") or ""),
                str(given.get("failure_message") or ""))  # fmt: skip


def _code(case: dict[str, Any]) -> str:
    return textwrap.dedent(str(case.get("code", ""))).strip("\n") + "\n"
