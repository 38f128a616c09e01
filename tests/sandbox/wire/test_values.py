"""Values: whatever a header holds decodes or is refused, and what was encoded decodes to itself."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.wire.decoder import Decoder
from autograder.sandbox.inside.wire.encoder import Encoder
from autograder.sandbox.inside.wire.protocol import (
    ITEM_SIZES,
    MAX_BODY_BYTES,
    ProtocolError,
    RawArray,
    encode_frame,
    read_frame,
)
from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.student import StudentError, parse_error

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats()
    | st.text(st.characters(codec="utf-8"))
)
plain = st.recursive(
    scalars | st.binary(max_size=20) | st.complex_numbers(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.tuples(children, children)
        | st.dictionaries(st.text(max_size=4) | st.integers(0, 9), children, max_size=3)
    ),
    max_leaves=6,
)
FORMS = [
    "float",
    "list",
    "tuple",
    "dict",
    "tensor",
    "ndarray",
    "numbers",
    "bytes",
    "complex",
    "other",
    "handle",
    "class",
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["nan", "0x1p+1", "0x", "1", "é", "module"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from([*FORMS, "kind"]), children, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def there_and_back(value: Any) -> Any:
    encoder = Encoder(lambda thing: None)
    header, arrays = read_frame(io.BytesIO(encode_frame({"value": encoder.encode(value)}, encoder.arrays)).read)
    return Decoder(arrays, lambda reference: reference).decode(header["value"])


def as_sent(value: Any) -> Any:
    """What student code gets of an argument."""
    encoder = Encoder(lambda thing: None, strides=True)
    frame = encode_frame({"value": encoder.encode(value)}, encoder.arrays)
    header, arrays = read_frame(io.BytesIO(frame).read, strides=True)
    return Decoder(arrays, lambda reference: reference).decode(header["value"])


DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool]


@st.composite
def views(draw: st.DrawFn) -> torch.Tensor:
    """A tensor as indexing, transposing and expanding leave it."""
    shape = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    numbers = torch.randint(0, 100, shape, generator=torch.Generator().manual_seed(draw(st.integers(0, 99))))
    view = numbers.to(draw(st.sampled_from(DTYPES)))
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["permute", "slice", "select", "expand", "unsqueeze", "diagonal", "unfold"]))
        dimension = draw(st.integers(0, view.ndim - 1)) if view.ndim else 0
        if kind == "permute":
            view = view.permute(draw(st.permutations(range(view.ndim))))
        elif kind == "slice" and view.ndim:
            view = view.movedim(dimension, 0)[draw(st.integers(0, 2)) :: draw(st.integers(1, 3))].movedim(0, dimension)
        elif kind == "select" and view.ndim and view.shape[dimension]:
            view = view.select(dimension, draw(st.integers(0, view.shape[dimension] - 1)))
        elif kind == "expand":
            view = view.expand(draw(st.integers(1, 3)), *view.shape)
        elif kind == "unsqueeze":
            view = view.unsqueeze(dimension)
        elif kind == "diagonal" and view.ndim > 1:
            view = view.diagonal()
        elif kind == "unfold" and view.ndim and view.shape[dimension] > 1:
            view = view.unfold(dimension, 2, 1)
    return view


@settings(max_examples=300)
@given(views())
def test_a_tensor_arrives_in_its_layout(sent: torch.Tensor) -> None:
    got = as_sent(sent)
    assert got.dtype == sent.dtype
    assert torch.equal(got, sent)
    assert (got.storage_offset(), got.is_leaf) == (0, True)
    order = sorted(range(sent.ndim), key=lambda d: (sent.stride(d), sent.shape[d], -d))
    steps = [(got.stride(d), got.shape[d]) for d in order if sent.stride(d) > 0]
    if sent.numel() == 0:
        assert got.is_contiguous()
    elif nested([(sent.stride(d), sent.shape[d]) for d in order if sent.stride(d) > 0]):
        assert got.is_contiguous() == sent.is_contiguous()
        assert got.is_contiguous() or got.stride() == sent.stride()
    else:
        assert nested(steps)  # pulled apart, in the same order


def nested(steps: list[tuple[int, int]]) -> bool:
    """Whether, from the shortest stride on, each step goes past all that the shorter ones reach."""
    return all(stride * length <= longer for (stride, length), (longer, _) in itertools.pairwise(steps))


@settings(max_examples=200)
@given(views())
def test_an_answer_is_contiguous_whatever_it_was(answer: torch.Tensor) -> None:
    assert torch.equal(found := there_and_back(answer), answer)
    assert found.is_contiguous()


@given(views(), st.booleans())
def test_an_ndarray_arrives_in_its_layout(view: torch.Tensor, backwards: bool) -> None:
    sent = view.float().numpy() if view.dtype == torch.bfloat16 else view.numpy()
    sent = sent[::-1] if backwards and sent.ndim else sent
    got = as_sent(sent)
    np.testing.assert_array_equal(got, sent)
    assert got.dtype == sent.dtype
    assert got.flags.writeable
    assert all(stride >= 0 for stride in got.strides)
    torch.from_numpy(got)  # which refuses negative strides
    assert there_and_back(sent).flags.c_contiguous


@pytest.mark.parametrize(
    ("view", "strides"),
    [
        (torch.zeros(4, 3).t(), (1, 3)),
        (torch.zeros(2, 3, 4, 5).contiguous(memory_format=torch.channels_last), (60, 1, 15, 3)),
        (torch.zeros(5, 8)[:, ::2], (8, 2)),
        (torch.zeros(1, 3).expand(4, 3), (0, 1)),
        (torch.zeros(9).unfold(0, 3, 1), (3, 1)),
        (torch.zeros(9).unfold(0, 3, 1).t(), (1, 3)),
        (torch.zeros(2, 3, 4)[:, ::2], (16, 8, 1)),
        (torch.zeros(3, 4, dtype=torch.complex64).t().conj(), (1, 4)),
        (torch.zeros(6, 4, requires_grad=True)[2:].t(), (1, 4)),
    ],
    ids=[
        "transposed",
        "channels last",
        "gaps",
        "expanded",
        "windows",
        "transposed windows",
        "a step of 2 in 3",
        "conjugated",
        "with an offset",
    ],
)
def test_the_layouts_that_authors_send(view: torch.Tensor, strides: tuple[int, ...]) -> None:
    assert as_sent(view).stride() == strides


@pytest.mark.parametrize(
    ("array", "strides"),
    [
        (np.zeros((4, 3), np.float32).T, (4, 12)),
        (np.asfortranarray(np.zeros((2, 3, 4))), (8, 16, 48)),
        (np.zeros((4, 3), np.int64)[::-1], (24, 8)),
        (np.zeros((4, 3), np.int64).T[::-1], (8, 24)),
        (np.zeros((4, 6), ">f4")[:, ::3], (24, 12)),
        (np.broadcast_to(np.float32(1), (3, 2)), (0, 0)),
        (np.zeros(3, [("a", "u1"), ("b", "f4")])["b"], (4,)),
    ],
    ids=["transposed", "Fortran order", "backwards", "backwards, transposed", "another byte order", "one", "a field"],
)
def test_the_layouts_of_arrays(array: Any, strides: tuple[int, ...]) -> None:
    got = as_sent(array)
    assert got.strides == strides
    np.testing.assert_array_equal(got, array)


def test_an_array_whose_span_is_too_large_arrives_contiguous() -> None:
    wide = torch.zeros(3, MAX_BODY_BYTES // 8)[:, :2]  # 96 MiB from first to last, 24 bytes in all
    assert as_sent(wide).stride() == (2, 1)


def test_gaps_hold_nothing_of_the_trusted_side() -> None:
    secret = torch.full((4, 6), 7.0)
    secret[:, ::2] = 1.0
    assert set(as_sent(secret[:, ::2]).untyped_storage().tolist()) <= set(torch.tensor([0.0, 1.0]).untyped_storage())


def deep(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict)) and "nested too deep" in repr(there_and_back(value))


@given(plain)
def test_plain_data_goes_there_and_back(value: Any) -> None:
    found = there_and_back(value)
    assert repr(found) == repr(value) or deep(value)


@settings(max_examples=400)
@given(anything)
def test_any_json_is_a_value_or_refused(value: Any) -> None:
    arrays = [RawArray("int64", (2,), bytes(16)), RawArray("bfloat16", (0, 3), b"")]
    try:
        found = Decoder(arrays, lambda reference: reference).decode(value)
    except ProtocolError:
        return
    assert isinstance(
        found,
        (
            type(None),
            bool,
            int,
            float,
            complex,
            str,
            bytes,
            list,
            tuple,
            dict,
            torch.Tensor,
            np.ndarray,
            HandleRef,
            Other,
        ),
    )


@given(anything | st.fixed_dictionaries({"type": anything, "message": anything, "lines": anything, "where": anything}))
def test_any_json_is_an_error_or_refused(value: Any) -> None:
    try:
        assert isinstance(parse_error(value), StudentError)
    except ProtocolError:
        return


@given(st.sampled_from(sorted(ITEM_SIZES)), st.lists(st.integers(0, 4), max_size=4), st.randoms())
def test_tensors_keep_every_bit(dtype: str, shape: list[int], random: Any) -> None:
    count = int(np.prod(shape, dtype=int))
    data = random.randbytes(count * ITEM_SIZES[dtype])
    raw = bytes(byte & 1 for byte in data) if dtype == "bool" else data
    tensor = Decoder([RawArray(dtype, tuple(shape), raw)], lambda reference: reference).decode({"tensor": 0})
    assert (str(tensor.dtype), tuple(tensor.shape)) == (f"torch.{dtype}", tuple(shape))
    encoder = Encoder(lambda thing: None)
    encoder.encode(tensor)
    assert encoder.arrays[0] == RawArray(dtype, tuple(shape), raw)


def test_what_arrives_owns_its_memory() -> None:
    data = bytearray(8)
    tensor = Decoder([RawArray("int64", (1,), memoryview(data))], lambda reference: reference).decode({"tensor": 0})
    tensor += 1
    assert data == bytes(8)
