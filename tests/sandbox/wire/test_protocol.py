"""Frames: whatever arrives is a valid frame or a ProtocolError, and what is sent arrives."""

from __future__ import annotations

import io
import itertools
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.wire import protocol
from autograder.sandbox.inside.wire.protocol import ITEM_SIZES, ProtocolError, RawArray, encode_frame, read_frame


def receiver(data: bytes) -> Any:
    stream = io.BytesIO(data)

    def receive(size: int) -> bytes:
        assert size <= protocol.MAX_BODY_BYTES, "asked for more than a frame may hold"
        found = stream.read(size)
        if len(found) < size:
            raise EOFError
        return found

    return receive


def frame(header: bytes, body: bytes = b"", lengths: tuple[int, int] | None = None) -> bytes:
    return struct.pack(">IQ", *(lengths or (len(header), len(body)))) + header + body


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


@pytest.mark.parametrize(("shape", "strides"), OVERLAPPING.values(), ids=OVERLAPPING.keys())
def test_a_layout_that_no_request_may_have(shape: tuple[int, ...], strides: tuple[Any, ...]) -> None:
    with pytest.raises(ProtocolError):
        protocol.span_bytes("float32", shape, strides)


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


STRIDED = b'{"arrays":[{"dtype":"uint8","shape":[2,1],"strides":%s}]}'


def test_a_request_may_have_strides_and_a_reply_may_not() -> None:
    sent = frame(STRIDED % b"[1,2]", b"ab")
    _, (array,) = read_frame(receiver(sent), strides=True)
    assert (array.shape, array.strides, bytes(array.data)) == ((2, 1), (1, 2), b"ab")
    with pytest.raises(ProtocolError, match=r"not \{dtype, shape\}"):
        read_frame(receiver(sent))


@pytest.mark.parametrize("strides", [b"null", b"1", b'"1,2"', b"{}", b"[1]", b"[-1,2]", b"[1.0,2]", b"[true,2]"])
def test_strides_of_another_form_are_refused_in_requests_too(strides: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_frame(receiver(frame(STRIDED % strides, b"ab")), strides=True)


def test_strides_that_would_be_refused_are_not_sent() -> None:
    with pytest.raises(ProtocolError, match="overlap"):
        encode_frame({}, [RawArray("uint8", (3, 2), b"abcdef", (1, 1))])


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=5), children, max_size=4),
    max_leaves=12,
)
headers = st.dictionaries(st.sampled_from(["id", "op", "value", "name"]), json_values, max_size=4)


@st.composite
def raw_arrays(draw: st.DrawFn) -> RawArray:
    dtype = draw(st.sampled_from(sorted(ITEM_SIZES)))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    size = protocol.array_bytes(dtype, shape)
    data = draw(st.binary(min_size=size, max_size=size))
    return RawArray(dtype, shape, bytes(byte & 1 for byte in data) if dtype == "bool" else data)


@given(headers, st.lists(raw_arrays(), max_size=4))
def test_what_is_sent_arrives(header: dict[str, Any], arrays: list[RawArray]) -> None:
    found, got = read_frame(receiver(encode_frame(header, arrays)))
    assert found == header
    assert [(a.dtype, a.shape, bytes(a.data)) for a in got] == [(a.dtype, a.shape, a.data) for a in arrays]


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((ProtocolError, EOFError)):
        read_frame(receiver(data))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_arbitrary_headers_are_refused_or_parsed(header: bytes, body: bytes) -> None:
    try:
        found, arrays = read_frame(receiver(frame(header, body)))
    except ProtocolError:
        return
    assert isinstance(found, dict)
    assert sum(len(array.data) for array in arrays) == len(body)


@settings(max_examples=300)
@given(headers, st.lists(raw_arrays(), min_size=1, max_size=3), st.data())
def test_mutated_frames_are_refused_or_whole(
    header: dict[str, Any], arrays: list[RawArray], data: st.DataObject
) -> None:
    sent = bytearray(encode_frame(header, arrays))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(sent) - 1))
        kind = data.draw(st.sampled_from(["change", "drop", "insert"]))
        if kind == "change":
            sent[place] = data.draw(st.integers(0, 255))
        elif kind == "drop" and len(sent) > 1:
            del sent[place]
        else:
            sent.insert(place, data.draw(st.integers(0, 255)))
    try:
        _, got = read_frame(receiver(bytes(sent)))
    except (ProtocolError, EOFError):
        return
    for array in got:
        array.check()


REFUSED = {
    "an empty header": frame(b""),
    "a header too long": frame(b"{}", lengths=(protocol.MAX_HEADER_BYTES + 1, 0)),
    "a body too long": frame(b'{"arrays":[]}', lengths=(13, protocol.MAX_BODY_BYTES + 1)),
    "a length of 2**64 - 1": frame(b'{"arrays":[]}', lengths=(13, 2**64 - 1)),
    "a header that is a list": frame(b"[]"),
    "no arrays": frame(b'{"id":1}'),
    "a duplicate key": frame(b'{"id":1,"id":2,"arrays":[]}'),
    "a duplicate key, escaped": frame(b'{"id":1,"\\u0069d":2,"arrays":[]}'),
    "a nested duplicate key": frame(b'{"value":{"float":"nan","float":"inf"},"arrays":[]}'),
    "NaN": frame(b'{"id":NaN,"arrays":[]}'),
    "-Infinity": frame(b'{"id":-Infinity,"arrays":[]}'),
    "a number that overflows": frame(b'{"id":1e999,"arrays":[]}'),
    "an integer of five thousand digits": frame(b'{"id":' + b"9" * 5000 + b',"arrays":[]}'),
    "an integer of 64 bits": frame(b'{"id":9223372036854775808,"arrays":[]}'),
    "too deep": frame(b'{"arrays":[],"value":' + b"[" * protocol.MAX_DEPTH + b"]" * protocol.MAX_DEPTH + b"}"),
    "sixty thousand brackets": frame(b"[" * 60000),
    "brackets after quotes": frame(b'{"arrays":"' + b'\\"' * 20000 + b"[" * 10000),
    "invalid UTF-8": frame(b'{"id":"\xff","arrays":[]}'),
    "an unpaired surrogate": frame(b'{"id":"\\ud800","arrays":[]}'),
    "a byte order mark": frame(b'\xef\xbb\xbf{"arrays":[]}'),
    "text after the object": frame(b'{"arrays":[]} {}'),
    "a body nobody listed": frame(b'{"arrays":[]}', b"x"),
    "a listed array without a body": frame(b'{"arrays":[{"dtype":"uint8","shape":[1]}]}'),
    "a body too short": frame(b'{"arrays":[{"dtype":"float32","shape":[2]}]}', b"1234567"),
    "an unknown dtype": frame(b'{"arrays":[{"dtype":"object","shape":[1]}]}', b"12345678"),
    "a dtype that is a list": frame(b'{"arrays":[{"dtype":["uint8"],"shape":[1]}]}', b"1"),
    "a negative dimension": frame(b'{"arrays":[{"dtype":"uint8","shape":[-1,-1]}]}', b"1"),
    "a dimension that is true": frame(b'{"arrays":[{"dtype":"uint8","shape":[true]}]}', b"1"),
    "a dimension that is a float": frame(b'{"arrays":[{"dtype":"uint8","shape":[1.0]}]}', b"1"),
    "a huge dimension beside 0": frame(b'{"arrays":[{"dtype":"uint8","shape":[0,4611686018427387904]}]}'),
    "dimensions whose product is huge beside 0": frame(b'{"arrays":[{"dtype":"uint8","shape":[0,65536,65536]}]}'),
    "seventeen dimensions": frame(b'{"arrays":[{"dtype":"uint8","shape":[' + b"1," * 16 + b"1]}]}", b"1"),
    "an array with another key": frame(b'{"arrays":[{"dtype":"uint8","shape":[1],"x":1}]}', b"1"),
    "strides": frame(b'{"arrays":[{"dtype":"uint8","shape":[1],"strides":[1]}]}', b"1"),
    "strides that are null": frame(b'{"arrays":[{"dtype":"uint8","shape":[1],"strides":null}]}', b"1"),
    "a bool of 2": frame(b'{"arrays":[{"dtype":"bool","shape":[1]}]}', b"\2"),
    "more arrays than allowed": frame(b'{"arrays":[' + b",".join([b'{"dtype":"int8","shape":[0]}'] * 2200) + b"]}"),
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
def test_a_lying_frame_is_refused(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_ARRAYS", 2000)
    with pytest.raises(ProtocolError):
        read_frame(receiver(sent))


def test_lengths_are_refused_before_anything_is_read() -> None:
    asked = []

    def receive(size: int) -> bytes:
        asked.append(size)
        return struct.pack(">IQ", 20, 2**40)

    with pytest.raises(ProtocolError):
        read_frame(receive)
    assert asked == [12]


def test_a_body_is_refused_before_it_is_read_when_the_arrays_need_another_size() -> None:
    header = json.dumps({"arrays": [{"dtype": "float64", "shape": [3]}]}).encode()
    asked = []

    def receive(size: int) -> bytes:
        asked.append(size)
        return [struct.pack(">IQ", len(header), 25), header][len(asked) - 1]

    with pytest.raises(ProtocolError, match="24 bytes"):
        read_frame(receive)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_header_with_a_float_that_json_lacks_is_not_sent(number: float) -> None:
    with pytest.raises(ProtocolError):
        encode_frame({"value": number})


def test_a_header_that_would_be_refused_is_not_sent() -> None:
    deep: Any = 0
    for _ in range(protocol.MAX_DEPTH):
        deep = [deep]
    for header in ({"value": "x" * 70000}, {"value": deep}, {"value": {1, 2}}, {"arrays": []}, {"value": "\ud800"}):
        with pytest.raises(ProtocolError):
            encode_frame(header)
    with pytest.raises(ProtocolError):
        encode_frame({}, [RawArray("float32", (3,), b"1234")])


def test_importing_the_wire_imports_neither_torch_nor_numpy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import autograder.sandbox.inside.wire.protocol, autograder.sandbox.inside.wire.values; "
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
