"""What objects become on the wire, to the letter, and what is said of those that cannot travel."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import make_dataclass
from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.inside.wire import arrays as wire_arrays
from autograder.sandbox.inside.wire import encoder as wire_encoder
from autograder.sandbox.inside.wire.encoder import Encoder
from autograder.sandbox.inside.wire.protocol import ProtocolError, RawArray, encode_frame, read_frame_of
from autograder.sandbox.inside.wire.values import CannotBeSent

Point = namedtuple("Point", "x y")
One = namedtuple("One", "x")


class Names(list[Any]):
    pass


class Table(dict[Any, Any]):
    pass


class Pair(tuple[Any, ...]):
    pass


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *asked: Any, **more: Any) -> Any:
        raise AssertionError("it was asked what it is")


HALF = {"float": "0x1.0000000000000p-1"}


def sent(thing: Any, level: int = 0) -> tuple[Any, list[tuple[str, tuple[int, ...]]]]:
    encoder = Encoder(lambda held: None)
    return encoder.encode(thing, level), [(array.dtype, array.shape) for array in encoder.arrays]


@pytest.mark.parametrize(
    ("thing", "value"),
    [
        (None, None), (True, True), (3, 3), (2**63 - 1, 2**63 - 1), (1 - 2**63, 1 - 2**63),
        (2**63, {"integer": "0x8000000000000000"}), (-(2**63), {"integer": "-0x8000000000000000"}),
        ("aé", "aé"), ("a\ud800b", "a?b"), (0.5, HALF), (float("-inf"), {"float": "-inf"}),
        (b"\0", {"bytes": "AA=="}), (0.5 - 2j, {"complex": [HALF["float"], "-0x1.0000000000000p+1"]}),
        ([], {"list": []}), ((1, "a"), {"tuple": [1, "a"]}), ({}, {"dict": []}),
        ({"a": 1, 2: None, None: 0.5, ("b", 1): True},
         {"dict": [["a", 1], [2, None], [None, HALF], [{"tuple": ["b", 1]}, True]]}),
        ({object: 1, (1, len): 2}, {"dict": [[{"other": "type"}, 1], [{"other": "tuple"}, 2]]}),
        ({np.int64(3): 1, np.str_("a"): 2, np.longdouble(1): 3},
         {"dict": [[3, 1], ["a", 2], [{"other": "longdouble"}, 3]]}),
        (Names([1]), {"list": [1]}), (Table(a=1), {"dict": [["a", 1]]}), (Pair([1]), {"tuple": [1]}),
        (Point(1, [2]), {"named": ["Point", ["x", "y"], [1, {"list": [2]}]]}),
        (namedtuple("Long", ["x" * 200])(1), {"named": ["Long", ["x" * 200], [1]]}),
        (namedtuple("TooLong", ["x" * 201])(1), {"tuple": [1]}),
        (make_dataclass("Long", ["x" * 200])(1), {"record": ["Long", [["x" * 200, 1]], None]}),
        (make_dataclass("TooLong", ["x" * 200 + "a", "x" * 200 + "b"])(1, 2), {"other": "TooLong"}),
        ([0.5] * 31, {"list": [HALF] * 31}), ([0.5] * 31 + [1], {"list": [*[HALF] * 31, 1]}),
        ([2**63] + [1] * 31, {"list": [{"integer": "0x8000000000000000"}, *[1] * 31]}),
        ([-(2**63)] + [1] * 31, {"list": [{"integer": "-0x8000000000000000"}, *[1] * 31]}),
        ([True] * 32, {"list": [True] * 32}), (["x"] * 31, {"list": ["x"] * 31}),
        ({str(n): n for n in range(31)}, {"dict": [[str(n), n] for n in range(31)]}),
        ({n: n for n in range(32)}, {"dict": [[n, n] for n in range(32)]}),
        (np.float16(0.5), HALF), (np.int8(3), 3), (np.bool_(True), True), (np.str_("a"), "a"),
        (np.bytes_(b"\0a"), {"bytes": "AGE="}),
        (np.complex64(0.5), {"complex": [HALF["float"], "0x0.0p+0"]}),
        ({1}, {"set": {"list": [1]}}), (frozenset([1]), {"frozenset": {"list": [1]}}),
        (np.longdouble(1), {"other": "longdouble"}), (object(), {"other": "object"}), (type, {"other": "type"}),
        (len, {"other": "builtin_function_or_method"}), (torch.zeros(2, device="meta"), {"other": "meta tensor"}),
        (torch.eye(2).to_sparse(), {"other": "sparse tensor"}),
        (torch.zeros(2, dtype=torch.complex32), {"other": "tensor"}),
        (np.zeros(2, "longdouble"), {"other": f"array of dtype {np.dtype('longdouble')}"}),
    ],
)  # fmt: skip
def test_what_needs_no_array(thing: Any, value: Any) -> None:
    assert sent(thing) == (value, [])


def test_a_tensor_does_not_answer_for_itself() -> None:
    assert sent(torch.ones(2).as_subclass(Liar)) == ({"tensor": 0}, [("float32", (2,))])
    for device, kind in (("meta", "meta tensor"), ("cpu", "tensor")):
        liar = torch.zeros(2, dtype=torch.complex32, device=device).as_subclass(Liar)
        assert sent(liar) == ({"other": kind}, [])


@pytest.mark.filterwarnings("ignore:.*nested tensors|.*[Qq]uantiz")
def test_tensors_of_other_kinds_are_named() -> None:
    for layout in (torch.strided, torch.jagged):
        nested = torch.nested.nested_tensor([torch.ones(1), torch.ones(2)], layout=layout)
        assert sent(nested) == ({"other": "nested tensor"}, [])
    quantized = torch.quantize_per_tensor(torch.ones(1), 1.0, 0, torch.qint8)
    assert sent(quantized) == ({"other": "quantized tensor"}, [])


@pytest.mark.parametrize(
    ("thing", "value", "arrays"),
    [
        ([0.5] * 32, {"numbers": 0}, [("float64", (32,))]),
        ([2**63 - 1, 1 - 2**63] * 16, {"numbers": 0}, [("int64", (32,))]),
        (["x"] * 32, {"texts": [0, 1]}, [("int64", (32,)), ("uint8", (32,))]),
        ({str(n): n for n in range(32)}, {"mapping": [{"texts": [0, 1]}, {"numbers": 2}]},
         [("int64", (32,)), ("uint8", (54,)), ("int64", (32,))]),
        (np.zeros((2, 3), "int8"), {"ndarray": 0}, [("int8", (2, 3))]),
        (torch.zeros(2, 3), {"tensor": 0}, [("float32", (2, 3))]),
        ([torch.zeros(1), np.zeros(2)], {"list": [{"tensor": 0}, {"ndarray": 1}]},
         [("float32", (1,)), ("float64", (2,))]),
    ],
)  # fmt: skip
def test_what_travels_as_arrays(thing: Any, value: Any, arrays: list[tuple[str, tuple[int, ...]]]) -> None:
    assert sent(thing) == (value, arrays)


def nested(levels: int, kind: type) -> Any:
    thing: Any = 1
    for _ in range(levels):
        thing = {"a": thing} if kind is dict else kind([thing])
    return thing


@pytest.mark.parametrize(("kind", "most"), [(list, 15), (tuple, 15), (dict, 10)])
def test_what_is_nested_deeper_than_json_may_be_is_cut(kind: type, most: int) -> None:
    said = f"{kind.__name__} nested too deep"
    assert "other" not in repr(sent(nested(most - 1, kind)))
    assert repr(sent(nested(most + 5, kind))).count(said) == 1
    assert repr(sent(nested(most, kind), 2)).count(said) == 1


def test_named_tuples_and_arrays_of_texts_take_levels_of_json_too() -> None:
    def boxes(levels: int) -> Any:
        thing: Any = 1
        for _ in range(levels):
            thing = One(thing)
        return thing

    assert "other" not in repr(sent(boxes(10)))
    assert repr(sent(boxes(11))).count("One nested too deep") == 1
    assert read_frame_of(encode_frame({"value": sent(boxes(11))[0]}, []))[0]["value"] == sent(boxes(11))[0]
    texts = np.array(["a", None], dtype=object)
    assert list(sent(texts, 22)[0]) == ["array"]
    assert sent(texts, 23)[0] == {"other": "ndarray nested too deep"}


def test_containers_are_bounded() -> None:
    assert len(sent([None] * 20_000)[0]["list"]) == 20_000
    assert sent([None] * 20_001)[0] == {"other": "list of more than 20000 items"}
    assert sent((None,) * 20_001)[0] == {"other": "tuple of more than 20000 items"}
    assert len(sent(dict.fromkeys(range(20_000)))[0]["dict"]) == 20_000
    assert sent(dict.fromkeys(range(20_001)))[0] == {"other": "dict of more than 20000 items"}


def test_numbers_and_texts_of_a_message_are_counted_over_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_encoder, "MAX_NUMBERS", 64)
    monkeypatch.setattr(wire_encoder, "MAX_TEXTS", 64)
    assert sent([[1] * 32] * 3)[0] == {
        "list": [{"numbers": 0}, {"numbers": 1}, {"other": "lists of more than 64 numbers"}]
    }
    assert sent([["x"] * 32] * 3)[0]["list"] == [{"texts": [0, 1]}, {"texts": [2, 3]}, {"list": ["x"] * 32}]
    keys = {str(n): None for n in range(32)}
    assert [list(one) for one in sent([keys] * 3)[0]["list"]] == [["mapping"], ["mapping"], ["dict"]]


def test_bytes_of_a_message_are_counted_over_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (wire_encoder, wire_arrays):
        monkeypatch.setattr(module, "MAX_BODY_BYTES", 64)
    assert sent([np.zeros(4), np.zeros(4)])[0] == {"list": [{"ndarray": 0}, {"ndarray": 1}]}
    with pytest.raises(ProtocolError, match=r"^arrays of more than 64 bytes in one message$"):
        sent([np.zeros(4), np.zeros(4), np.zeros(1)])
    assert sent(np.zeros(9))[0] == {"other": "array of more than 64 bytes"}
    with pytest.raises(ProtocolError, match=r"^a tensor of more than 64 bytes$"):
        sent(torch.zeros(1).expand(17))
    assert sent(torch.zeros(1).expand(16))[0] == {"tensor": 0}


def test_what_cannot_travel_to_student_code_says_so() -> None:
    encoder = Encoder(lambda held: None, strict=True)
    for thing, name in ((object(), "object"), (torch.zeros(1, device="meta"), "meta tensor"), ({len: 1}, "builtin")):
        with pytest.raises(CannotBeSent, match=f"^{name}.* cannot be sent to student code$"):
            encoder.encode(thing)


def test_handles_stand_for_what_stays() -> None:
    asked: list[Any] = []
    encoder = Encoder(lambda held: asked.append(held) or {"handle": 1})
    assert encoder.encode([len, 1]) == {"list": [{"handle": 1}, 1]}
    assert asked == [len]
    assert encoder.encode_list([1, [2]]) == {"list": [1, {"list": [2]}]}
    assert encoder.encode_dict({"a": [2]}) == {"dict": [["a", {"list": [2]}]]}
    assert (encoder.add_array(RawArray("int8", (1,), b"1")), encoder.add_array(RawArray("int8", (1,), b"2"))) == (0, 1)


def test_a_layout_is_sent_only_where_it_is_asked_for() -> None:
    for kind, raw in ((torch.zeros, wire_arrays.raw_tensor), (np.zeros, wire_arrays.raw_ndarray)):
        turned = kind((2, 3)).T
        plain, laid_out = raw(turned), raw(turned, strides=True)
        assert plain is not None
        assert laid_out is not None
        assert (plain.shape, plain.strides, laid_out.strides) == ((3, 2), None, (1, 3))
        assert raw(kind((2, 3)), strides=True).strides is None
