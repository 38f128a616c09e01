"""Pictures of a difference: what is drawn, on which scale, and where the mark stands."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autograder.feedback.twins import twin_view
from autograder.pages.pictures import as_array, pictures
from autograder.records import Shown, TwinOutcome
from autograder.testing.shown import show
from autograder.testing.twins import public_twin
from autograder.validation.cases import Case
from autograder.validation.examples import example_calls, examples_case, with_examples
from autograder.validation.verdict import Verdict


def view(expected, found, drawn_as: str, **more):
    return twin_view(
        TwinOutcome(
            shows="f(x)",
            expected=show(expected, drawn_as),
            found=show(found, drawn_as),
            agrees=False,
            drawn_as=drawn_as,
            **more,
        )
    )


def pixels(image) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(image.uri.split(",")[1]))))


def test_an_image_keeps_its_colours_and_the_first_difference_is_marked():
    expected = torch.zeros(3, 2, 4)
    expected[0] = 1.0  # red
    found = expected.clone()
    found[1, 1, 2] = 1.0  # one yellow pixel
    shown = view(expected, found, "image")
    first, second, difference = shown.pictures
    assert (pixels(first.tiles[0].image) == [255, 0, 0]).all()
    assert pixels(second.tiles[0].image)[1, 2].tolist() == [255, 255, 0]
    assert first.mark is None, "expected is never marked"
    assert (second.mark.x, second.mark.y) == (difference.mark.x, difference.mark.y) == (2, 1)
    assert (first.scale.low, first.scale.high) == ("0", "1")
    assert (difference.scale.low, difference.scale.high) == ("−1", "1")
    assert shown.first_difference == "First difference at channel 2, row 2, column 3: expected 0, yours 1."


def test_several_maps_are_tiles_and_the_mark_stands_in_the_right_one():
    expected = torch.arange(24.0).reshape(4, 2, 3)
    found = expected.clone()
    found[2, 0, 1] += 5
    first, second, _ = view(expected, found, "map").pictures
    assert len(first.tiles) == 4
    tile = second.tiles[2]
    assert (second.mark.x, second.mark.y) == (tile.x + 1, tile.y)
    assert len({(tile.x, tile.y) for tile in second.tiles}) == 4


def test_a_curve_is_two_lines_and_the_line_of_their_difference():
    both, difference = view([0.1, 0.5, 0.9], [0.1, 0.2, 0.9], "curve").pictures
    assert [line.style for line in both.lines] == ["expected", "found"]
    assert [line.style for line in difference.lines] == ["difference"]
    assert (both.low, both.high) == ("0.1", "0.9")
    assert both.mark is not None
    assert "largest at" in both.alt


def test_expected_is_drawn_where_nothing_came_out():
    wanted = show(torch.eye(3), "map")
    outcome = TwinOutcome(
        shows="f()", expected=wanted, found=Shown(kind="error", text="TypeError"), agrees=False, drawn_as="map"
    )
    assert [picture.title for picture in twin_view(outcome).pictures] == ["Expected"]


def test_where_the_picture_agrees_the_rest_is_shown():
    crops = torch.zeros(2, 1, 2, 2)
    shown = view((crops, torch.tensor([0, 1])), (crops.clone(), torch.tensor([1, 0])), "image")
    assert shown.pictures
    assert shown.elsewhere


def test_what_cannot_be_typed_is_no_code():
    described = TwinOutcome(
        shows="numbers in the state dict of MobileNet(4)", expected=show(1), found=show(2), agrees=False
    )
    assert not twin_view(described).call, "evidence of earlier versions held descriptions as calls"
    assert twin_view(described).description == described.shows
    assert not twin_view(described.model_copy(update={"shows": "f(1)", "is_call": False})).call
    assert twin_view(described.model_copy(update={"shows": "f(1)"})).call


def test_arguments_are_written_so_that_they_can_be_pasted():
    floats, ints = torch.tensor([[4.0, 0.1, float("inf")]]), torch.tensor([3], dtype=torch.uint8)
    twin = public_twin("f", floats, ints, [torch.tensor([True])], {"a": (torch.tensor(1),)})
    found: list[object] = []
    eval(twin.shows, {"torch": torch, "f": lambda *given: found.extend(given)})  # noqa: S307 - our own text
    assert torch.equal(found[0], floats)
    assert found[0].dtype == floats.dtype
    assert torch.equal(found[1], ints)
    assert found[1].dtype == torch.uint8
    assert found[2][0].dtype == torch.bool
    assert found[3] == {"a": (torch.tensor(1),)}
    assert twin.is_call
    assert not public_twin("f", torch.zeros(100)).is_call, "too long to be written"


NESTED = st.recursive(
    st.one_of(st.floats(), st.integers(-(10**6), 10**6), st.none(), st.text(max_size=3), st.booleans()),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=200, deadline=None)
@given(NESTED, NESTED, st.sampled_from(["image", "map", "curve"]))
def test_any_values_are_drawn_or_not_and_nothing_breaks(left, right, kind):
    json.dumps(left)
    for values in (left, right):
        array = as_array(values)
        if array is not None:
            assert 1 <= array.ndim <= 4
    twin_view(
        TwinOutcome(
            shows="f()",
            agrees=False,
            drawn_as=kind,
            expected=Shown(kind="map", text="x", values=left),
            found=Shown(kind="map", text="x", values=right),
        )
    )


def test_huge_and_deep_values_are_not_drawn():
    assert as_array([[0.0] * 4000] * 4) is None
    deep: list = [1.0]
    for _ in range(3000):
        deep = [deep]
    assert as_array(deep) is None
    assert as_array([[1.0, 2.0], [3.0]]) is None
    array = as_array([[float("nan"), None], [1e308, -1e308]])
    assert pictures(array, array[::-1].copy(), "map")


class TestExamplesAtValidate:
    @staticmethod
    def verdict(statuses: list[str], make) -> Verdict:
        from datetime import UTC, datetime

        from autograder.records import CellOutcome, Evidence, Outcome, SubmissionInfo

        evidence = Evidence(
            assignment="a",
            submission=SubmissionInfo(subject="s", notebook_sha256="0"),
            outcome=Outcome.GRADED,
            tests=tuple(make),
            cells=tuple(CellOutcome(index=i, status=status) for i, status in enumerate(statuses)),
            graded_at=datetime.now(UTC),
        )
        return Verdict(Case("solution", "x", b""), evidence, None, ())

    def test_a_call_that_stops_is_a_problem_of_its_test(self):
        from feedback_materials import test_of as outcome_of

        def example(shows: str, **more) -> TwinOutcome:
            return TwinOutcome(shows=shows, expected=show(1), found=show(2), agrees=False, **more)

        tests = [
            outcome_of("q", "test_a", "A.", "failed", twin=example("f(1)")),
            outcome_of("q", "test_b", "B.", "failed", twin=example("f(2)")),
            outcome_of("q", "test_c", "C.", "failed", twin=example("in words", is_call=False)),
        ]
        calls = example_calls([self.verdict([], tests)])
        assert calls == {"f(1)": "test_a", "f(2)": "test_b"}
        solution = json.dumps({"cells": [{"cell_type": "code", "source": "def f(x): ..."}]}).encode()
        case = examples_case(solution, calls)
        assert [cell["source"] for cell in json.loads(case.notebook)["cells"]] == ["def f(x): ...", "f(1)", "f(2)"]
        assert with_examples(self.verdict(["ok", "ok", "ok"], []), calls, solution).problems == ()
        (problem,) = with_examples(self.verdict(["ok", "ok", "error"], []), calls, solution).problems
        assert "test_b" in problem
        assert "describe the example" in problem
        assert len(with_examples(self.verdict(["ok"], []), calls, solution).problems) == 2


@pytest.mark.parametrize("kind", ["image", "map", "curve"])
def test_not_finite_numbers_have_a_colour_outside_of_the_scale(kind):
    found = torch.tensor([[0.0, float("nan")], [1.0, 0.5]])
    shown = view(torch.tensor([[0.0, 1.0], [1.0, 0.5]]), found, kind)
    assert "not finite" in shown.pictures[0 if kind == "curve" else 1].alt
    assert "yours not finite" in shown.first_difference
