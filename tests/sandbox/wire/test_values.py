"""Values: whatever a header holds decodes or is refused, and what was encoded decodes to itself."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.protocol import ITEM_SIZES, ProtocolError, RawArray, encode_frame, read_frame
from autograder.sandbox.inside.values import Decoder, Encoder, HandleRef, Other
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
