"""How an array may lie in memory where it arrives: each item in a place of its own, within the room of a frame."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.inside.wire import protocol
from autograder.sandbox.inside.wire.protocol import ProtocolError

LAYOUTS = {  # shape, strides, bytes from the first item to the last
    "contiguous": ((2, 3), (3, 1), 24),
    "transposed": ((3, 2), (1, 3), 24),
    "channels last": ((2, 3, 4, 5), (60, 1, 15, 3), 480),
    "with gaps": ((2, 3), (12, 2), 68),
    "expanded": ((400, 2), (0, 1), 8),
    "expanded along all": ((3, 3), (0, 0), 4),
    "one row of a transposed matrix": ((3, 1), (1, 3), 12),
    "a dimension of one, wherever it claims to be": ((1, 3), (1, 1), 12),
    "a number": ((), (), 4),
}


@pytest.mark.parametrize(("shape", "strides", "span"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_layout_without_overlap_spans_what_it_spans(
    shape: tuple[int, ...], strides: tuple[int, ...], span: int
) -> None:
    assert protocol.span_bytes("float32", shape, strides) == span


OVERLAPPING = {
    "windows": ((3, 2), (1, 1)),
    "rows that share their last column": ((2, 3), (2, 1)),
    "a negative stride": ((3,), (-1,)),
    "a stride that is true": ((3,), (True,)),
    "a stride that is a float": ((3,), (1.0,)),
    "a stride that is text": ((3,), ("1",)),
    "fewer strides than dimensions": ((2, 3), (3,)),
    "more strides than dimensions": ((3,), (3, 1)),
    "no items": ((0, 3), (3, 1)),
    "a span of more than a frame": ((2, 1), (protocol.MAX_BODY_BYTES // 4, 1)),
    "a stride beyond 64 bits": ((2,), (2**70,)),
}

SAID_OF_LAYOUTS = {
    "windows": "items overlap with shape [3, 2] and strides [1, 1]",
    "rows that share their last column": "items overlap with shape [2, 3] and strides [2, 1]",
    "a negative stride": "stride -1 is not an integer from 0 to 67108864",
    "a stride that is true": "stride True is not an integer from 0 to 67108864",
    "a stride that is a float": "stride 1.0 is not an integer from 0 to 67108864",
    "a stride that is text": "stride '1' is not an integer from 0 to 67108864",
    "fewer strides than dimensions": "strides that do not fit the shape",
    "more strides than dimensions": "strides that do not fit the shape",
    "no items": "strides that do not fit the shape",
    "a span of more than a frame": "an array that spans more than 67108864 bytes",
    "a stride beyond 64 bits": "stride 1180591620717411303424 is not an integer from 0 to 67108864",
}


@pytest.mark.parametrize("layout", OVERLAPPING)
def test_a_layout_that_no_request_may_have(layout: str) -> None:
    with pytest.raises(ProtocolError, match=f"^{re.escape(SAID_OF_LAYOUTS[layout])}$"):
        protocol.span_bytes("float32", *OVERLAPPING[layout])


def test_the_largest_span_is_that_of_a_frame() -> None:
    assert protocol.span_bytes("int8", (2,), (protocol.MAX_BODY_BYTES - 1,)) == protocol.MAX_BODY_BYTES


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 20)), max_size=4))
def test_a_layout_is_allowed_just_where_no_two_items_share_a_place(dimensions: list[tuple[int, int]]) -> None:
    """But for layouts such as strides (2, 3) for shape (2, 2), whose items interleave: no view of a contiguous
    array has them, and they are refused too."""
    shape, strides = tuple(length for length, _ in dimensions), tuple(stride for _, stride in dimensions)
    moving = [(length, stride) for length, stride in dimensions if stride > 0]
    places = [
        sum(i * stride for i, (_, stride) in zip(index, moving, strict=True))
        for index in itertools.product(*(range(length) for length, _ in moving))
    ]
    nested = all(
        later >= stride * length
        for (stride, length), (later, _) in itertools.pairwise(sorted((s, n) for n, s in moving))
    )
    try:
        span = protocol.span_bytes("uint8", shape, strides)
    except ProtocolError:
        assert len(set(places)) < len(places) or not nested
    else:
        assert len(set(places)) == len(places)
        assert span == max(places) + 1


def test_an_array_has_at_most_sixteen_dimensions() -> None:
    assert protocol.array_bytes("int16", (1,) * 16) == 2
    with pytest.raises(ProtocolError, match="17 dimensions, at most 16 are allowed"):
        protocol.array_bytes("int16", (1,) * 17)
