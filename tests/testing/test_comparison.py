"""The comparison by itself: where a tolerance ends, how far an answer is said to be, which words go to whom."""

from __future__ import annotations

import contextlib
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from autograder.records import FARTHEST, Distance
from autograder.testing import Mismatch, close, close_to_any, distances
from autograder.testing.compare import Check, Expectation
from autograder.testing.distances import noting
from autograder.testing.running import running

T = torch.tensor
HALF, BRAIN, SINGLE, DOUBLE = torch.float16, torch.bfloat16, torch.float32, torch.float64


def fits(got: Any, expected: Any, **options: Any) -> bool:
    try:
        close(got, expected, **options)
    except Mismatch:
        return False
    return True


@pytest.mark.parametrize(
    ("got_dtype", "expected_dtype", "rtol", "atol"),
    [
        (HALF, HALF, 1e-2, 1e-2),
        (BRAIN, BRAIN, 2e-2, 2e-2),
        (SINGLE, SINGLE, 1e-4, 1e-5),
        (DOUBLE, DOUBLE, 1e-4, 1e-5),
        (HALF, DOUBLE, 1e-2, 1e-2),  # the coarser of the two decides
        (DOUBLE, HALF, 1e-2, 1e-2),
        (BRAIN, SINGLE, 2e-2, 2e-2),
    ],
)
@pytest.mark.parametrize("value", [0.0, 1.0, -64.0])
def test_the_tolerance_of_a_dtype(
    got_dtype: torch.dtype, expected_dtype: torch.dtype, rtol: float, atol: float, value: float
) -> None:
    allowed, expected = atol + rtol * abs(value), T([value], dtype=expected_dtype)
    steps = T(
        [value + 0.8 * allowed, value - 0.8 * allowed, value + 1.25 * allowed, value - 1.25 * allowed], dtype=DOUBLE
    )
    near = [fits(step[None].to(got_dtype), expected, dtype="any-float") for step in steps]
    assert near == [True, True, False, False]


@pytest.mark.parametrize("expected", [T([8.0]), 8.0])
def test_the_limit_itself_is_allowed_and_grows_with_what_is_expected(expected: Any) -> None:
    off = (T([8.75]), T([7.25]), T([8.875])) if isinstance(expected, torch.Tensor) else (8.75, 7.25, 8.875)
    assert [fits(got, expected, atol=0.25, rtol=0.0625) for got in off] == [True, True, False]
    negative = -expected
    assert fits(-off[0], negative, atol=0.25, rtol=0.0625)
    assert not fits(-off[2], negative, atol=0.25, rtol=0.0625)


def test_tolerances_are_not_rounded_to_the_answers_dtype() -> None:
    least = T([2.0**-23], dtype=HALF)  # the nearest that half precision comes to 1.1e-7
    assert not fits(least, T([0.0], dtype=HALF), atol=1.1e-7, rtol=0.0)
    assert fits(least, T([0.0], dtype=HALF), atol=1.2e-7, rtol=0.0)


def test_complex_numbers_are_compared_in_both_parts() -> None:
    expected = T([1 + 1j])
    assert fits(T([1 + 1.00001j]), expected)
    assert not fits(T([1 + 1.1j]), expected)
    assert not fits(T([1.1 + 1j]), expected)
    assert not fits(T([1 - 1j]), expected)
    assert not fits(T([1.0]), expected, dtype=SINGLE)


def test_whole_numbers_have_no_tolerance() -> None:
    assert not fits(10**9 + 1, 10**9)
    assert not fits(T([10**9 + 1]), T([10**9]))
    assert fits(1.00001, 1, dtype="any-float")
    assert not fits(1.1, 1, dtype="any-float")
    assert not fits(1.00001, 1)
    assert not fits(T([257], dtype=torch.int32), T([1], dtype=torch.uint8), dtype=torch.int32)


def test_a_number_stands_for_a_tensor_without_dimensions_only() -> None:
    assert fits(1.0, T(1.0))
    assert not fits(1.1, T(1.0))
    assert not fits(1.0, T([1.0]))
    assert not fits(True, T(1.0))
    assert not fits(T([1.0]), T(1.0))


def noted(got: Any, expected: Any, **options: Any) -> Distance | None:
    """The distance that a check notes, whether it passes or not."""
    check = Check(**options)
    check.noted_as = "test:1"
    with noting() as found, contextlib.suppress(Mismatch):
        check(got, expected)
    return found.get("test:1")


@pytest.mark.parametrize(
    ("got", "expected", "ratio", "error"),
    [
        (T([2.0, 4.5]), T([2.0, 4.0]), 0.4, 0.5),  # 0.25 + 0.25 · 4
        (T([2.0, -6.5]), T([2.0, -4.0]), 2.0, 2.5),
        (T([math.inf, 4.5]), T([math.inf, 4.0]), 0.4, 0.5),  # infinities have no distance
        (T([4.5 + 0j]), T([4.0 + 0j]), 0.4, 0.5),
        (4.5, 4.0, 0.4, 0.5),
        (6.5, 4.0, 2.0, 2.5),
        (-6.5, -4.0, 2.0, 2.5),
        (T(4.5), 4.0, 0.4, 0.5),
        (4.5, T(4.0), 0.4, 0.5),
        (np.array([2.0, 4.5]), np.array([2.0, 4.0]), 0.4, 0.5),
        (np.array([2.0, -6.5]), np.array([2.0, -4.0]), 2.0, 2.5),
        (np.array([math.inf, 4.5]), np.array([math.inf, 4.0]), 0.4, 0.5),
        (np.array([4.5 + 0j]), np.array([4.0 + 0j]), 0.4, 0.5),
        (np.array([4.0 + 0.5j]), np.array([4.0 + 0j]), 0.4, 0.5),
    ],
)
def test_distances_are_noted_in_units_of_what_is_allowed(got: Any, expected: Any, ratio: float, error: float) -> None:
    found = noted(got, expected, atol=0.25, rtol=0.25)
    assert found is not None
    assert found.ratio == pytest.approx(ratio)
    assert found.error == pytest.approx(error)


def test_a_distance_where_nothing_is_allowed_is_farthest_and_none_where_nothing_differs() -> None:
    assert noted(T([2.0]), T([1.0]), atol=0.0, rtol=0.0) == Distance(ratio=FARTHEST, error=1.0)
    assert noted(T([1.0]), T([1.0]), atol=0.0, rtol=0.0) == Distance(ratio=0.0, error=0.0)
    assert noted(np.array([2.0, 3.0]), np.array([2.0, 1.0]), atol=0.0, rtol=0.0) == Distance(ratio=FARTHEST, error=2.0)
    assert noted(np.array([1.0]), np.array([1.0]), atol=0.0, rtol=0.0) == Distance(ratio=0.0, error=0.0)
    assert noted(np.array([]), np.array([])) is None
    for got, expected in ((2, 1), (1, 1), (T([2]), T([1])), ("a", "a"), (math.inf, math.inf), (2.0, math.inf)):
        assert noted(got, expected) is None
    assert noted(torch.zeros(0), torch.zeros(0)) is None
    assert noted(2.0, 1.0, atol=0.0, rtol=0.0) is None
    assert noted(0.1, 0.0, atol=0.25, rtol=0.0) == Distance(ratio=0.4, error=0.1)  # in double precision
    assert noted(1.0, 1.0, atol=0.5, rtol=0.0) == Distance(ratio=0.0, error=0.0)


def test_nothing_is_noted_of_checks_that_are_not_named() -> None:
    with noting() as found:
        Check()(T([1.0]), T([1.0]))
        Check()(1.0, 1.0)
    assert found == {}


def test_of_several_expectations_one_must_fit() -> None:
    called = []
    close_to_any(T([1.0]), lambda: called.append("first") or T([1.0]), lambda: called.append("second"))
    close_to_any(T([1.0]), T([5.0]), T([1.0]))
    close_to_any(1.1, 5.0, 1.0, atol=0.25)
    assert called == ["first"]
    with pytest.raises(Mismatch, match="shape") as refused:
        close_to_any(T([1.0]), T([1.0, 2.0]), T([2.0]))
    assert "2.0" not in refused.value.public
    with pytest.raises(ValueError, match="needs an expectation"):
        close_to_any(1.0)


@pytest.mark.parametrize(
    ("got", "expected", "ratio"),
    [
        (1.0, (5.0, 1.0), 0.0),
        (2.0, (5.0, 1.0), 4.0),  # neither fits: the nearest
        ([1.0, 2.0], ([1.0, 5.0], [1.0, 2.25]), 1.0),  # the farthest part of the nearest
        ([1.0, 2.0], ([1.0], [1.0, 3.0]), 4.0),  # a wrong form is farther than any number
        ([1.0], ([1.0, 2.0], "a"), None),
    ],
)
def test_the_distance_from_the_nearest_expectation_is_noted(
    got: Any, expected: tuple[Any, ...], ratio: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distances, "check_name", lambda: "test:1")
    with noting() as found, contextlib.suppress(Mismatch):
        close_to_any(got, *expected, atol=0.25, rtol=0.0)
    assert (found["test:1"].ratio if found else None) == ratio


class Twice(Expectation):
    """Expects twice a number."""

    def judge(self, got: Any, check: Check) -> None:
        check(got, 2.0 * 4)


def test_close_names_the_line_that_asks_and_hands_on_what_it_cannot_compare() -> None:
    with running(SimpleNamespace(test="test_x")), noting() as found:  # type: ignore[arg-type]
        close(8.0, Twice())
        with pytest.raises(Mismatch):
            close(9.0, Twice())
    assert len(found) == 2
    assert all(name.startswith("test_x:") for name in found)
    with pytest.raises(Mismatch):  # nobody notes, and it is judged all the same
        close(9.0, Twice())


WORDS = [  # got, expected, options, what students read, what instructors read
    (T([1.0, 3.0]), T([1.0, 2.0]), {}, "The answer has the right shape, but its values differ.",
     "1 of 2 values differ; largest error 1; first at (1,): got 3.0, expected 2.0"),
    (T([3, 5]), T([1, 2]), {}, "The answer has the right shape, but its values differ.",
     "2 of 2 values differ; largest error 3; first at (0,): got 3, expected 1"),
    ([T([3 + 1j])], [T([1 + 1j])], {}, "The answer's part `[0]` has the right shape, but its values differ.",
     "1 of 1 values differ in [0]; largest error 2; first at (0,): got (3+1j), expected (1+1j)"),
    (T([1], dtype=torch.uint8), T([3], dtype=torch.uint8), {},
     "The answer has the right shape, but its values differ.",
     "1 of 1 values differ; largest error 2; first at (0,): got 1, expected 3"),
    (T([1 + 3j]), T([1 + 1j]), {}, "The answer has the right shape, but its values differ.",
     "1 of 1 values differ; largest error 2; first at (0,): got (1+3j), expected (1+1j)"),
    (True, T(1.0), {}, "The answer should be a torch tensor, but is a bool.", ""),
    ([2.0], [T(1.0)], {}, "The answer's part `[0]` has the wrong value.", "got 2.0, expected 1.0"),
    (T([1.0]), T([1.0, 2.0]), {}, "The answer should have shape (2,), but has (1,).",
     "got shape (1,), expected (2,)"),
    ({"a": T([1.0])}, {"a": T(1.0)}, {}, "The answer's part `['a']` should have shape (), but has (1,).",
     "got shape (1,), expected ()"),
    (T([math.nan, 1.0]), T([1.0, 1.0]), {}, "The answer holds NaN.", "1 of 2 are NaN"),
    ([T([math.inf, 1.0])], [T([1.0, 1.0])], {}, "The answer's part `[0]` holds infinite numbers.",
     "1 of 2 are infinite"),
    (T([math.nan]), T([1.0]), {"dtype": DOUBLE}, "The answer should have dtype float64, but has float32.", ""),
    ([T([1])], [T([1.0])], {"dtype": "any-float"},
     "The answer's part `[0]` should hold floating-point numbers, but has dtype int64.", ""),
    (3.0, 2.0, {}, "The answer has the wrong value.", "got 3.0, expected 2.0"),
    ([3.0], [2.0], {}, "The answer's part `[0]` has the wrong value.", "got 3.0, expected 2.0"),
    (3.0, 2, {}, "The answer should be a whole number (int), but is a float.", "got 3.0, expected 2"),
    (math.nan, 2.0, {}, "The answer is NaN.", "expected 2.0"),
    (-math.inf, 2.0, {}, "The answer is infinite.", "expected 2.0"),
    ("b", 2.0, {}, "The answer should be a number, but is a text.", ""),
    (T([2.0, 3.0]), 2.0, {}, "The answer should be a number, but is a tensor of shape (2,).", ""),
    (T(True), 1, {}, "The answer should be a number, but is a tensor of shape ().", ""),
    (T(1j), 1.0, {}, "The answer should be a number, but is a complex number.", ""),
    ("b", "a", {}, "The answer has the wrong value.", "got 'b', expected 'a'"),
    (["b"], ["a"], {}, "The answer's part `[0]` has the wrong value.", "got 'b', expected 'a'"),
    (T(True), False, {}, "The answer has the wrong value.", "got True, expected False"),
    (T([True]), True, {}, "The answer should be a bool, but is a tensor.", ""),
    (T(1), True, {}, "The answer should be a bool, but is a tensor.", ""),
    (1, None, {}, "The answer should be None (is a `return` missing?), but is a whole number.", ""),
    ({"a": 1, "c": 2}, {"a": 1, "b": 2}, {}, "The answer should have other keys.", "missing ['b'], extra ['c']"),
    ([1], {"a": 1}, {}, "The answer should be a dict, but is a list.", ""),
    ([{"a": [1]}], [{"a": [2]}], {}, "The answer's part `[0]['a'][0]` has the wrong value.", "got 1, expected 2"),
    (1, [1], {}, "The answer should be a list, but is a whole number.", ""),
    (1, (1,), {}, "The answer should be a tuple, but is a whole number.", ""),
    ([1, 2], [1], {}, "The answer should have 1 items, but has 2.", ""),
    ([[1.0]], [T([1.0])], {}, "The answer's part `[0]` should be a torch tensor, but is a list. Put its items "
     "together, for example with `torch.stack` or `torch.tensor`.", ""),
    (torch.ones(1).numpy(), T([1.0]), {}, "The answer should be a torch tensor, but is a NumPy array. Compute with "
     "torch, or convert it with `torch.from_numpy`.", ""),
    ("a", T([1.0]), {}, "The answer should be a torch tensor, but is a text.", ""),
    (1.0, T([1.0]), {}, "The answer should be a torch tensor, but is a float.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("got", "expected", "options", "public", "private"), WORDS)
def test_the_words_for_students_and_for_instructors(
    got: Any, expected: Any, options: dict[str, Any], public: str, private: str
) -> None:
    with pytest.raises(Mismatch) as caught:
        close(got, expected, **options)
    assert (caught.value.public, caught.value.private) == (public, private)


def test_long_texts_and_many_keys_are_cut_for_instructors() -> None:
    with pytest.raises(Mismatch) as caught:
        close("b" * 1000, "a" * 1000)
    assert len(caught.value.private) < 700
    with pytest.raises(Mismatch) as caught:
        close({"x": 1}, {str(i): 1 for i in range(20)})
    assert caught.value.private == f"missing {sorted(map(str, range(20)))[:8]}, extra ['x']"
    with pytest.raises(Mismatch) as caught:
        close({str(i): 1 for i in range(20)}, {"x": 1})
    assert caught.value.private == f"missing ['x'], extra {sorted(map(str, range(20)))[:8]}"


MISTAKES = [
    (1, math.nan, {}, ValueError, "the expected value is NaN: the test is wrong"),
    (T([1.0, 1.0]), T([1.0, math.nan]), {}, ValueError, "the expected value holds NaN: the test is wrong"),
    (T([1.0]), T([1.0]), {"shape": (2,)}, ValueError, r"close\(shape=\(2,\)\) but the expected value has \(1,\)"),
    (1, object(), {}, TypeError, r"^close\(\) cannot compare with values of type object: give plain data$"),
]


@pytest.mark.parametrize(("got", "expected", "options", "kind", "said"), MISTAKES)
def test_a_mistake_of_the_author_is_no_mismatch(
    got: Any, expected: Any, options: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        close(got, expected, **options)


def test_the_shape_is_that_of_the_whole_answer() -> None:
    close([T([1.0])], [T([1.0])], shape=(1,))
    close([T([1.0, 2.0])], [T([1.0, 2.0])], shape=(1,))  # parts have shapes of their own


def test_no_numbers_are_equal_whatever_is_expected() -> None:
    close(torch.zeros(0, 2), torch.zeros(0, 2))
    with pytest.raises(Mismatch):
        close(torch.zeros(0, 2), torch.zeros(2, 0))
    close(torch.zeros(0), torch.zeros(0, dtype=torch.float64), dtype="any-float")
