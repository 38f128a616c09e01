"""Public examples of all assignments: calls that run, and a picture for every image, map and curve.

Each wrong variant of the banks is run on the examples of its questions here in this process (they are the course's
own files), and what a page would show of each that comes out wrong is looked at.
"""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.bank import Variant, read_bank
from autograder.course.course import Assignment, load_course
from autograder.feedback.twins import TwinView, twin_view
from autograder.records import Shown, TwinOutcome
from autograder.suite.suite import Suite, collect
from autograder.testing.carry import Reference
from autograder.testing.compare import Check
from autograder.testing.kinds import Mismatch
from autograder.testing.remote import Local
from autograder.testing.shown import show
from autograder.testing.twins import PublicTwin, _apply

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
GUIDE = ROOT / "docs/hidden-tests.md"


@pytest.fixture(params=COURSE.assignments, ids=lambda assignment: assignment.name, scope="module")
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return request.param


@pytest.fixture(scope="module")
def suite(assignment: Assignment) -> Iterator[Suite]:
    with contextlib.redirect_stdout(io.StringIO()), collect(assignment) as collected:
        yield collected


def twins_of(suite: Suite) -> dict[int, tuple[str, PublicTwin]]:
    """Question and twin, each twin once."""
    return {id(test.twin): (test.question, test.twin) for test in suite.tests if test.twin is not None}


def test_every_call_that_is_shown_runs_in_the_solution(suite: Suite) -> None:
    calls = 0
    for _, twin in twins_of(suite).values():
        if not twin.is_call:
            continue
        calls += 1
        view = twin_view(TwinOutcome(shows=twin.shows, expected=show(1), found=show(2), agrees=False))
        assert view.call, f"a page would not offer this as code: {twin.shows}"
        body = ast.parse(twin.shows).body
        namespace = {"torch": torch, **suite.reference}
        exec(compile(ast.Module(body[:-1], []), "example", "exec"), namespace)  # noqa: S102 - the course's own example
        last = body[-1]
        assert isinstance(last, ast.Expr), "an example ends in a value"
        value = eval(compile(ast.Expression(last.value), "example", "eval"), namespace)  # noqa: S307
        expected = _apply(twin, Reference(suite.reference), Local())
        assert show(_data(value)).text == show(_data(expected)).text, (
            f"the text does what the example does: {twin.shows}"
        )
    assert calls


def _data(value: Any) -> Any:
    return value.detach() if isinstance(value, torch.Tensor) else value


def wrong_examples(assignment: Assignment, suite: Suite) -> Iterator[tuple[Variant, PublicTwin, TwinView, Any]]:
    """Each example that comes out wrong for a wrong variant, as a page shows it, and what was expected."""
    twins = twins_of(suite)
    expected = {key: _apply(twin, Reference(suite.reference), Local()) for key, (_, twin) in twins.items()}
    for variant in read_bank(assignment):
        if variant.kind != "wrong":
            continue
        namespace = dict(suite.reference)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(variant.code, variant.name, "exec"), namespace)  # noqa: S102 - the course's own bank
            for key, (question, twin) in twins.items():
                if question in variant.questions:
                    found = _found(twin, namespace, expected[key])
                    if found is not None:
                        wanted = show(_data(expected[key]), twin.drawn_as)
                        outcome = TwinOutcome(
                            shows=twin.shows, expected=wanted, found=found, agrees=False, is_call=twin.is_call,
                            drawn_as=twin.drawn_as,
                        )  # fmt: skip
                        yield variant, twin, twin_view(outcome), expected[key]


def _found(twin: PublicTwin, namespace: dict[str, Any], expected: Any) -> Shown | None:
    """What the variant makes of the example; None where it agrees."""
    try:
        got = _data(_apply(twin, Reference(namespace), Local()))
    except Exception as error:  # noqa: BLE001 - a mistake may raise anything
        return Shown(kind="error", text=f"{type(error).__name__}: {error}"[:300])
    try:
        Check()(got, _data(expected))
    except Mismatch:
        return show(got, twin.drawn_as)
    return None


def test_every_failing_example_of_an_image_a_map_or_a_curve_is_drawn(assignment: Assignment, suite: Suite) -> None:
    failing = drawn = 0
    for variant, twin, view, expected in wrong_examples(assignment, suite):
        failing += 1
        if twin.drawn_as:
            drawn += 1
            assert view.pictures, f"{variant.name}: {twin.shows}"
            assert view.pictures[0].title.startswith("Expected")
            assert view.pictures[0].alt
            if view.found.is_error:
                continue
            if len(view.pictures) > 1 and view.pictures[-1].title == "Yours − expected":
                assert view.first_difference or view.elsewhere, f"{variant.name}: {twin.shows}"
        else:
            looks = isinstance(expected, torch.Tensor) and expected.ndim >= 3
            assert not looks, f"declare what this is with drawn_as: {twin.shows}"
    assert failing >= 5
    row = f"| `{assignment.name}` | {failing} | {drawn} |"
    assert row in GUIDE.read_text(encoding="utf-8").splitlines(), f"{GUIDE.name} counts otherwise; it should say {row}"
