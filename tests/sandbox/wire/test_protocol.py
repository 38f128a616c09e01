"""Frames: whatever arrives is a valid frame or a ProtocolError, and what is sent arrives."""

from __future__ import annotations

import io
import json
import math
import re
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

SAID = {  # how it begins
    "an empty header": "a header of 0 bytes, from 1 to 65536 are allowed",
    "a header too long": "a header of 65537 bytes, from 1 to 65536 are allowed",
    "a body too long": "a body of 67108865 bytes, at most 67108864 are allowed",
    "a length of 2**64 - 1": "a body of 18446744073709551615 bytes, at most 67108864 are allowed",
    "a header that is a list": "the header is not a JSON object",
    "no arrays": "the header has no list `arrays`",
    "a duplicate key": "a JSON object has a key twice",
    "a duplicate key, escaped": "a JSON object has a key twice",
    "a nested duplicate key": "a JSON object has a key twice",
    "NaN": "NaN is not JSON",
    "-Infinity": "-Infinity is not JSON",
    "a number that overflows": "a number beyond the range of a double",
    "an integer of five thousand digits": "an integer beyond 64 bits",
    "an integer of 64 bits": "an integer beyond 64 bits",
    "too deep": "JSON more than 32 levels deep",
    "sixty thousand brackets": "JSON more than 32 levels deep",
    "brackets after quotes": "not JSON: ",
    "invalid UTF-8": "not JSON: ",
    "an unpaired surrogate": "a string holds an unpaired surrogate",
    "a byte order mark": "not JSON: ",
    "text after the object": "not JSON: ",
    "a body nobody listed": "the arrays need 0 bytes, the body has 1",
    "a listed array without a body": "the arrays need 1 bytes, the body has 0",
    "a body too short": "the arrays need 8 bytes, the body has 7",
    "an unknown dtype": "dtype 'object' is not one of float16",
    "a dtype that is a list": "dtype ['uint8'] is not one of float16",
    "a negative dimension": "dimension -1 is not an integer from 0 to 67108864",
    "a dimension that is true": "dimension True is not an integer from 0 to 67108864",
    "a dimension that is a float": "dimension 1.0 is not an integer from 0 to 67108864",
    "a huge dimension beside 0": "dimension 4611686018427387904 is not an integer from 0 to 67108864",
    "dimensions whose product is huge beside 0": "an array of more than 67108864 bytes",
    "seventeen dimensions": "17 dimensions, at most 16 are allowed",
    "an array with another key": "an entry of `arrays` is not {dtype, shape}: {'dtype': 'uint8', 'shape': [1], 'x': 1}",
    "strides": "an entry of `arrays` is not {dtype, shape}: {'dtype': 'uint8', 'shape': [1], 'strides': [1]}",
    "strides that are null": "an entry of `arrays` is not {dtype, shape}: {'dtype': 'uint8', 'shape': [1], 'strides': ",
    "a bool of 2": "array of bool holds bytes other than 0 and 1",
    "more arrays than allowed": "2200 arrays, at most 2000 are allowed",
}


@pytest.mark.parametrize("lie", REFUSED)
def test_a_lying_frame_is_refused(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_ARRAYS", 2000)
    with pytest.raises(ProtocolError, match=f"^{re.escape(SAID[lie])}"):
        read_frame(receiver(REFUSED[lie]))


def test_what_is_just_within_bounds_is_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_ARRAYS", 3)
    empty = b'{"arrays":[]}'
    assert read_frame(receiver(frame(empty.ljust(protocol.MAX_HEADER_BYTES)))) == ({}, [])
    deepest = b"[" * (protocol.MAX_DEPTH - 1) + b"]" * (protocol.MAX_DEPTH - 1)
    assert read_frame(receiver(frame(b'{"arrays":[],"value":' + deepest + b"}")))[1] == []
    for number in (2**63 - 1, 1 - 2**63, 1e308, -0.5):
        assert read_frame(receiver(encode_frame({"value": number})))[0] == {"value": number}
    three = encode_frame({}, [RawArray("int8", (1,), b"x")] * 3)
    assert len(read_frame(receiver(three), 3)[1]) == 3
    assert protocol.read_frame_of(three)[1] == read_frame(receiver(three))[1]
    with pytest.raises(ProtocolError, match=r"^a body of 3 bytes, at most 2 are allowed$"):
        read_frame(receiver(three), 2)
    with pytest.raises(ProtocolError, match=r"^4 arrays, at most 3 are allowed$"):
        encode_frame({}, [RawArray("int8", (1,), b"x")] * 4)
    assert protocol.array_bytes("int8", (protocol.MAX_BODY_BYTES,)) == protocol.MAX_BODY_BYTES


def test_what_arrived_is_cut_in_messages() -> None:
    for size, said in ((78, repr("x" * 78)), (79, repr("x" * 79)[:77] + "...")):
        with pytest.raises(ProtocolError, match=f"^dtype {said} is not one of float16"):
            protocol.array_bytes("x" * size, ())


SENT_BADLY = {
    "the header already has a key `arrays`": ({"arrays": []}, []),
    "array of float32 [3] needs 12 bytes, has 4": ({}, [RawArray("float32", (3,), b"1234")]),
    "array of bool holds bytes other than 0 and 1": ({}, [RawArray("bool", (1,), b"2")]),
    "the header is not JSON: Object of type set is not JSON serializable": ({"value": {1}}, []),
    "a header of 70024 bytes, from 1 to 65536 are allowed": ({"value": "x" * 70_000}, []),
}


@pytest.mark.parametrize("said", SENT_BADLY)
def test_what_would_be_refused_is_not_sent_and_it_is_said_why(said: str) -> None:
    with pytest.raises(ProtocolError, match=f"^{re.escape(said)}$"):
        encode_frame(*SENT_BADLY[said])


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
