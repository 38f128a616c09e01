"""What is no value, no error and no reply is refused, each with its own sentence; what is just within bounds is not."""

from __future__ import annotations

import json
import struct
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.sandbox import student
from autograder.sandbox.inside.wire import decoder as decoder_file
from autograder.sandbox.inside.wire.decoder import Decoder
from autograder.sandbox.inside.wire.protocol import ProtocolError, RawArray
from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.student import CellReply, StudentError

ARRAYS = [
    RawArray("int64", (2,), bytes(16)), RawArray("uint8", (2,), bytes(2)), RawArray("bfloat16", (1,), bytes(2)),
    RawArray("int64", (1, 2), bytes(16)),
]  # fmt: skip
VALUES = [  # what is no value, and what is said of it
    (1.5, "not a value: float"),
    ([], "not a value: list"),
    ({}, "not a value: dict"),
    ({"a": 1, "b": 2}, "a value with keys ['a', 'b']"),
    ({"é" * 50: 1}, f"unknown form of value '{'é' * 40}'"),
    ({"list": 1}, "a list or tuple whose content is no list"),
    ({"tuple": {}}, "a list or tuple whose content is no list"),
    ({"dict": 1}, "a dict whose content is no list"),
    ({"dict": [1]}, "a dict member that is no pair"),
    ({"dict": [["a"]]}, "a dict member that is no pair"),
    ({"dict": [["a", 1], ["a", 2]]}, "a dict with a key twice"),
    ({"dict": [[{"list": []}, 1]]}, "a dict key that is no scalar"),
    ({"dict": [[{"decimal": "sNaN"}, 1]]}, "a dict key that no dict can hold"),
    ({"mapping": 1}, "a mapping that is no keys and values"),
    ({"mapping": [{"list": []}]}, "a mapping that is no keys and values"),
    ({"mapping": [{"list": ["a"]}, {"list": []}]}, "a mapping whose keys are not as many as its values"),
    ({"mapping": [{"list": [1]}, {"list": [1]}]}, "a mapping with a key that is no text"),
    ({"mapping": [{"list": ["a", "a"]}, {"list": [1, 1]}]}, "a dict with a key twice"),
    ({"mapping": ["a", "b"]}, "a mapping whose keys are not as many as its values"),
    ({"set": 1}, "a set whose content is no list, or too long"),
    ({"set": {"list": [{"list": []}]}}, "a set of what cannot be in one"),
    ({"set": {"list": [1, 1]}}, "a set with an item twice"),
    ({"set": {"list": [2**61 - 1 + n for n in range(1001)]}}, "a set of too many large integers"),
    ({"tensor": 4}, "an index of no array"),
    ({"tensor": -1}, "an index of no array"),
    ({"tensor": True}, "an index of no array"),
    ({"list": [{"tensor": 0}, {"tensor": 0}]}, "an array that is named twice"),
    ({"ndarray": 2}, "an ndarray of bfloat16"),
    ({"numbers": 1}, "numbers that are no list of int64 or float64"),
    ({"numbers": 3}, "numbers that are no list of int64 or float64"),
    ({"float": 1}, "float whose content is no string"),
    ({"float": "1.0"}, "a float that is not in hexadecimal form"),
    ({"float": "0x"}, "a float that is not in hexadecimal form"),
    ({"float": "0x1p99999"}, "a float that is not in hexadecimal form"),
    ({"complex": 1}, "a complex number that is no pair"),
    ({"complex": ["nan"]}, "a complex number that is no pair"),
    ({"complex": ["nan", 1]}, "float whose content is no string"),
    ({"bytes": 1}, "bytes whose content is no string"),
    ({"bytes": "A"}, "bytes that are not base64"),
    ({"bytes": "é"}, "bytes that are not base64"),
    ({"bytes": "A A="}, "bytes that are not base64"),
    ({"other": 1}, "other whose content is no string"),
    ({"scalar": 1}, "a scalar that is none"),
    ({"scalar": {"ndarray": 0}}, "a scalar that is none"),
    ({"record": 1}, "a record that is not (class, fields, handle)"),
    ({"record": ["A", []]}, "a record that is not (class, fields, handle)"),
    ({"record": [1, [], None]}, "a record that is not (class, fields, handle)"),
    ({"record": ["A", 1, None]}, "a record whose fields are no names and values"),
    ({"record": ["A", [["x"]], None]}, "a record whose fields are no names and values"),
    ({"record": ["A", [[1, 1]], None]}, "a record whose fields are no names and values"),
    ({"record": ["A", [["x", 1], ["x", 2]], None]}, "a record whose fields are no names and values"),
    ({"record": ["A", [["x", 1]], 1]}, "a record whose handle is none"),
    ({"record": ["A", [["x", 1]], {"handle": 1}]}, "a handle with missing or extra keys"),
    ({"record": ["A", [[str(n), 1] for n in range(257)], None]}, "a record whose fields are no names and values"),
    ({"record": ["A", [["x" * 201, 1]], None]}, "a record with a name that is too long"),
    ({"record": ["A", [["x" * 200 + "a", 1], ["x" * 200 + "b", 2]], None]}, "a record with a name that is too long"),
    ({"named": 1}, "a named tuple that is not (class, names, values)"),
    ({"named": [1, [], []]}, "a named tuple that is not (class, names, values)"),
    ({"named": ["A", 1, []]}, "a named tuple whose names are none"),
    ({"named": ["A", ["x"], 1]}, "a list or tuple whose content is no list"),
    ({"named": ["A", [1], [1]]}, "a named tuple whose names are none"),
    ({"named": ["A", ["x" * 201], [1]]}, "a named tuple whose names are none"),
    ({"named": ["A", ["x"], []]}, "a named tuple whose names are not as many as its values"),
    ({"named": ["A", ["x", "x"], [1, 2]]}, "a named tuple whose names are not as many as its values"),
    ({"named": ["A", [str(n) for n in range(257)], [0] * 257]},
     "a named tuple whose names are not as many as its values"),
    ({"handle": 1}, "a handle with missing or extra keys"),
    ({"handle": -1, "kind": "module", "class": "A"}, "a handle with odd content"),
    ({"handle": True, "kind": "module", "class": "A"}, "a handle with odd content"),
    ({"handle": 1, "kind": "x", "class": "A"}, "a handle with odd content"),
    ({"handle": 1, "kind": "module", "class": 1}, "a handle with odd content"),
]  # fmt: skip


def decoded(value: Any) -> Any:
    return Decoder(ARRAYS, lambda reference: reference).decode(value)


@pytest.mark.parametrize(("value", "said"), VALUES)
def test_what_is_no_value_is_refused(value: Any, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decoded(value)
    assert str(caught.value) == said


def test_what_is_just_within_bounds_is_a_value() -> None:
    assert len(decoded({"set": {"list": [2**61 - 1 + n for n in range(1000)]}})) == 1000
    assert len(decoded({"record": ["A", [[str(n), 1] for n in range(256)], None]}).fields) == 256
    assert len(decoded({"named": ["A", [str(n) for n in range(256)], [0] * 256]})) == 256
    assert decoded({"named": ["A", ["x" * 200], [1]]})._fields == ("x" * 200,)
    assert decoded({"dict": [[{"other": "A"}, 1], [{"other": "A"}, 2]]}) == {Other("A"): 2}
    assert decoded({"dict": [[{"tuple": [1, "a"]}, 1]]}) == {(1, "a"): 1}
    assert decoded({"mapping": [{"list": ["a"]}, {"list": [1]}]}) == {"a": 1}
    assert decoded({"frozenset": {"list": [1, 2]}}) == frozenset({1, 2})
    assert decoded({"list": [{"numbers": 0}, {"ndarray": 1}]})[0] == [0, 0]
    assert decoded({"complex": ["inf", "-0x1p+1"]}) == complex(float("inf"), -2.0)
    assert decoded({"bytes": "AA=="}) == b"\0"


def test_lists_of_numbers_arrive_as_numbers() -> None:
    numbers = [RawArray("float64", (2,), struct.pack("<2d", 0.5, -2.0)), RawArray("int64", (1,), struct.pack("<q", -3))]
    found = Decoder(numbers, lambda reference: reference).decode({"list": [{"numbers": 0}, {"numbers": 1}]})
    assert found == [[0.5, -2.0], [-3]]
    assert [type(number) for part in found for number in part] == [float, float, int]


def test_names_of_classes_are_cut() -> None:
    long = "A" * 300
    record = decoded({"record": [long, [[long[:200], 1]], {"handle": 7, "kind": "object", "class": long}]})
    assert (record.class_name, record.fields) == ("A" * 200, {"A" * 200: 1})
    assert record.handle == HandleRef(7, "object", "A" * 200)
    assert decoded({"named": [long, ["x"], [1]]}).class_name == "A" * 200
    assert decoded({"other": long}) == Other("A" * 200)


@pytest.mark.parametrize(
    ("form", "function", "name"),
    [
        ("array", "decode_ndarray", "array"), ("fields", "decode_fields", "array"),
        ("masked", "decode_masked", "masked array"), ("sparse", "decode_sparse", "sparse array"),
        ("frame", "PANDAS", "frame"), ("polars frame", "POLARS", "polars frame"),
    ],
)  # fmt: skip
def test_what_a_library_refuses_or_is_not_there_for(
    monkeypatch: pytest.MonkeyPatch, form: str, function: str, name: str
) -> None:
    polars = SimpleNamespace(exceptions=SimpleNamespace(PolarsError=ZeroDivisionError, PanicException=BufferError))
    monkeypatch.setitem(sys.modules, "polars", polars)
    for raised, said in (
        (ValueError("that"), f"{name}: refused by its library (ValueError)"),
        (OverflowError(), f"{name}: refused by its library (OverflowError)"), (ProtocolError("as it is"), "as it is"),
    ):  # fmt: skip

        def refuse(*asked: Any, error: Exception = raised) -> Any:
            raise error

        monkeypatch.setattr(decoder_file, function, refuse if function.startswith("decode") else {form: refuse})
        with pytest.raises(ProtocolError) as caught:
            decoded({form: 1})
        assert str(caught.value) == said

    def missing(*asked: Any) -> Any:
        raise ImportError("no such library")

    monkeypatch.setattr(decoder_file, function, missing if function.startswith("decode") else {form: missing})
    assert decoded({form: 1}) == Other(name)
    with pytest.raises(ImportError, match="no such library"):
        Decoder([], lambda reference: reference, lambda *told: told).decode({form: 1})


def test_without_its_library_a_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(raw: RawArray) -> Any:
        raise ImportError("no torch")

    monkeypatch.setattr(decoder_file, "to_tensor", missing)
    assert decoded({"tensor": 0}) == Other("tensor")
    monkeypatch.setitem(sys.modules, "polars", None)  # as where nobody imported it
    assert decoded({"polars frame": 1}) == Other("polars frame")


def test_classes_that_this_end_knows_are_made_again() -> None:
    decoder = Decoder([], lambda reference: reference, lambda *told: told)
    assert decoder.decode({"record": ["A", [["x", 1]], None]}) == ("A", {"x": 1}, False)
    assert decoder.decode({"named": ["A", ["x"], [1]]}) == ("A", {"x": 1}, True)


ERROR = {"type": "ValueError", "message": "no", "lines": [[0, 1, "x"]], "where": "student"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "an error with missing or extra keys"),
        ({**ERROR, "more": 1}, "an error with missing or extra keys"),
        ({**ERROR, "type": 1}, "an error with odd content"),
        ({**ERROR, "message": None}, "an error with odd content"),
        ({**ERROR, "where": "here"}, "an error with odd content"),
        ({**ERROR, "lines": {}}, "an error whose lines are no short list"),
        ({**ERROR, "lines": [[0, 1, "x"]] * 21}, "an error whose lines are no short list"),
        ({**ERROR, "lines": [(0, 1)]}, "an error with a line that is not (cell, line, source)"),
        ({**ERROR, "lines": [[0, True, "x"]]}, "an error with a line that is not (cell, line, source)"),
    ],
)
def test_what_is_no_error_is_refused(found: Any, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        student.parse_error(found)
    assert str(caught.value) == said


def test_an_error_is_read_and_cut() -> None:
    long = "x" * 9000
    error = student.parse_error({"type": long, "message": long, "lines": [[3, 2, long]] * 20, "where": "request"})
    assert (error.type, error.message, error.where) == ("x" * 200, "x" * 4000, "request")
    assert error.lines == ((3, 2, "x" * 4000),) * 20
    assert (str(StudentError("A", "b")), str(StudentError("A")), StudentError("A").where) == ("A: b", "A", "student")
    assert (StudentError("A").message, StudentError("A").lines) == ("", ())


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"ok": True, "value": 1}, "a reply to another request"),
        ({"id": 8, "ok": True, "value": 1}, "a reply to another request"),
        ({"id": 7.0, "ok": True, "value": 1}, "a reply to another request"),
        ({"id": 7, "value": 1}, "a reply that is neither a value nor an error"),
        ({"id": 7, "ok": True, "value": 1, "error": ERROR}, "a reply that is neither a value nor an error"),
        ({"id": 7, "ok": False, "value": 1}, "a reply that is neither a value nor an error"),
        ({"id": 7, "ok": 1, "value": 1}, "a reply that is neither a value nor an error"),
        ({"id": 7, "ok": 0, "error": ERROR}, "a reply that is neither a value nor an error"),
        ({"id": 7, "ok": True, "error": ERROR}, "a reply that is neither a value nor an error"),
    ],
)
def test_what_answers_nothing_is_refused(header: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        student._check_reply(header, 7)
    assert str(caught.value) == said
    assert student._check_reply({"id": 7, "ok": True, "value": 1}, 7) is None
    error = student._check_reply({"id": 7, "ok": False, "error": ERROR}, 7)
    assert error is not None
    assert (error.type, error.lines) == ("ValueError", ((0, 1, "x"),))


CELL = {"status": "ok", "error": None, "outputs": [{"output_type": "stream"}], "seconds": 1.5}


def as_bytes(cell: Any) -> Any:
    return np.frombuffer(json.dumps(cell).encode(), np.uint8)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"{}", "the outcome of a cell that is no array of bytes"),
        (as_bytes(CELL).astype("int8"), "the outcome of a cell that is no array of bytes"),
        (as_bytes(CELL)[None], "the outcome of a cell that is no array of bytes"),
        (as_bytes([]), "the outcome of a cell with missing or extra keys"),
        (as_bytes({**CELL, "more": 1}), "the outcome of a cell with missing or extra keys"),
        (as_bytes({**CELL, "status": "fine"}), "the outcome of a cell with odd content"),
        (as_bytes({**CELL, "outputs": {}}), "the outcome of a cell with odd content"),
        (as_bytes({**CELL, "seconds": "1"}), "the outcome of a cell with odd content"),
        (as_bytes({**CELL, "seconds": True}), "the outcome of a cell with odd content"),
        (as_bytes({**CELL, "outputs": [{}, 1]}), "an output of a cell that is no object"),
        (as_bytes({**CELL, "error": {}}), "an error with missing or extra keys"),
    ],
)
def test_what_is_no_outcome_of_a_cell_is_refused(reply: Any, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        student._cell_reply(reply)
    assert str(caught.value) == said


def test_the_outcome_of_a_cell_is_read() -> None:
    assert student._cell_reply(as_bytes(CELL)) == CellReply("ok", None, [{"output_type": "stream"}], 1.5)
    assert student._cell_reply(as_bytes({**CELL, "seconds": -3})).seconds == 0.0
    for status in ("error", "timeout"):
        reply = student._cell_reply(as_bytes({**CELL, "status": status, "error": ERROR}))
        assert (reply.status, reply.error and reply.error.message) == (status, "no")


ROW = ["answer", "relu", 3, 5, True]


def test_only_rows_of_the_right_form_are_taken_over() -> None:
    longest = ["builtin", "x" * 100, -1, (1 << 20) - 1, False]
    assert student._rows([ROW, longest]) == [ROW, longest]
    assert len(student._rows([ROW] * 41)) == 40
    for odd in (
        None, "row", ROW[:4], [*ROW, 1], ["other", *ROW[1:]], ["answer", "no name", *ROW[2:]],
        ["answer", "x" * 101, *ROW[2:]], ["answer", "relu", -2, 5, True], ["answer", "relu", 3, 1 << 20, True],
        ["answer", "relu", 3, -2, True], ["answer", "relu", True, 5, True], ["answer", "relu", 3, 5, 1],
    ):  # fmt: skip
        assert student._rows([odd, ROW]) == [ROW]
    assert student._rows({"answer": ROW}) == []
