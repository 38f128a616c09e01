"""What the trusted client asks, to the letter, and what it makes of answers: a channel that answers by a script."""

from __future__ import annotations

import collections
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox import student
from autograder.sandbox.inside.wire.encoder import Encoder
from autograder.sandbox.inside.wire.protocol import RawArray, encode_frame, read_frame
from autograder.sandbox.inside.wire.records import Named, NamedData
from autograder.sandbox.inside.wire.values import CannotBeSent, HandleRef, encode_handle
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits
from autograder.sandbox.student import Rebound, StudentError, StudentProcess, as_sent

MODEL = HandleRef(4, "module", "Net")
ERROR = {"type": "ValueError", "message": "no", "lines": [], "where": "student"}


class Scripted:
    """Answers each request with the next answer: a value, an exception to raise, or a whole header."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.arrays: list[list[RawArray]] = []
        self.left: list[float] = []  # seconds until the deadline, of each message
        self.ready = b""

    def send(self, data: bytes, deadline: float) -> None:
        self.left.append(deadline - time.monotonic())
        rest = memoryview(data)

        def take(size: int) -> bytes:
            nonlocal rest
            part, rest = rest[:size], rest[size:]
            return bytes(part)

        header, arrays = read_frame(take, strides=True)
        self.asked.append(header)
        self.arrays.append(list(arrays))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, dict) and "ok" in answer:
            self.ready += encode_frame({"id": header["id"], **answer}, [])
            return
        encoder = Encoder(lambda thing: encode_handle(thing) if isinstance(thing, HandleRef) else None)
        self.ready += encode_frame({"id": header["id"], "ok": True, "value": encoder.encode(answer)}, encoder.arrays)

    def receive(self, size: int, deadline: float) -> bytes:
        part, self.ready = self.ready[:size], self.ready[size:]
        assert len(part) == size
        return part

    def pending(self) -> bool:
        return bool(self.ready)


def client(*answers: Any) -> tuple[StudentProcess, Scripted]:
    channel = Scripted(*answers)
    return StudentProcess(channel, Limits(call_seconds=1000.0, output_bytes=100)), channel


def asked(call: Callable[[StudentProcess], Any], answer: Any = None) -> tuple[Any, dict[str, Any], float]:
    """What a call gives, what it asked, and the seconds it allowed."""
    process, channel = client(answer)
    found = call(process)
    (header,), (left,) = channel.asked, channel.left
    assert header.pop("id") == 1
    return found, header, left


def test_what_each_call_asks() -> None:
    _, header, left = asked(lambda process: process.ask("call", [1, MODEL], {"a": 2}, name="f"))
    model = encode_handle(MODEL)
    assert header == {
        "op": "call", "name": "f", "args": {"list": [1, model]}, "kwargs": {"dict": [["a", 2]]},
    }  # fmt: skip
    assert 900 < left <= 1000
    _, header, left = asked(lambda process: process.ask("call", seconds=200.0, name="f"))
    assert (header["args"], header["kwargs"]) == ({"list": []}, {"dict": []})
    assert 100 < left <= 200
    found, header, left = asked(lambda process: process.make("module", {"net": [2]}), MODEL)
    assert (found, left > 900) == (MODEL, True)
    assert header == {"op": "make", "what": "module", "spec": {"dict": [["net", {"list": [2]}]]}}
    _, header, left = asked(lambda process: process.load_state_dict(MODEL, {"w": torch.zeros(2)}))
    assert header == {
        "op": "load_state_dict", "handle": 4, "state": {"dict": [["w", {"tensor": 0}]]},
    }  # fmt: skip
    assert left > 900
    _, header, left = asked(
        lambda process: process.gradient("call", [1], {"a": 2}, MODEL, cotangent=3, seconds=200.0, name="f")
    )
    assert header == {
        "op": "gradient", "wrt": model, "cotangent": 3,
        "call": {"op": "call", "args": {"list": [1]}, "kwargs": {"dict": [["a", 2]]}, "name": "f"},
    }  # fmt: skip
    assert 100 < left <= 200


def test_a_cell_gets_its_time_and_what_it_is() -> None:
    outcome = {"status": "ok", "error": None, "outputs": [], "seconds": 1.5}
    reply = np.frombuffer(json.dumps(outcome).encode(), np.uint8)
    found, header, left = asked(lambda process: process.run_cell("x = 1", 3, 200), reply)
    assert (found.status, found.seconds) == ("ok", 1.5)
    assert header == {"op": "run_cell", "source": "x = 1", "index": 3, "soft_seconds": (200.0).hex()}
    assert 200 < left <= 205
    _, header, _ = asked(lambda process: process.run_cell("", 0, 200, "answer", ["f"]), reply)
    assert header["more"] == {"role": "answer", "names": ["f"]}


def test_a_cell_s_outcome_is_bounded_by_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student, "CELL_ROOM", (8, 200))
    process, _ = client(np.zeros(1001, np.uint8), None)
    with pytest.raises(ChannelClosed) as caught:
        process.run_cell("", 0, 200)
    assert caught.value.reason == "protocol"
    process, _ = client(np.zeros(1000, np.uint8), np.zeros(1001, np.uint8))
    with pytest.raises(ChannelClosed, match=r"^protocol"):
        process.run_cell("", 0, 200)
    process, _ = client({"ok": False, "error": ERROR}, np.zeros(1001, np.uint8))
    with pytest.raises(StudentError):
        process.run_cell("", 0, 200)
    assert process.request("get").size == 1001, "other answers are as long as before"


def test_settling_tells_what_was_bound_again() -> None:
    rows = [["answer", "relu", 3, 5, True], ["python", "sum", -1, 5, False], ["other", "x", 0, 1, True]]
    found, header, left = asked(lambda process: process.settle(200.0), rows)
    assert found == [Rebound("answer", "relu", 3, 5, True), Rebound("python", "sum", -1, 5, False)]
    assert header == {"op": "settle"}
    assert 100 < left <= 200


def test_nothing_is_left_only_where_that_is_said() -> None:
    for answer, said in (
        (True, True), (1, False), (False, False), ({"ok": False, "error": ERROR}, False),
        (ChannelTimeout(), False), (ChannelClosed("exited"), False),
    ):  # fmt: skip
        found, header, _ = asked(StudentProcess.left_nothing, answer)
        assert (found, header) == (said, {"op": "unchanged"})


def test_the_next_request_is_seeded_once() -> None:
    for seed in (StudentProcess.seed_next, StudentProcess.reseed):
        process, channel = client(1, 2)
        seed(process, 77)
        process.request("get")
        process.request("get")
        assert [header.get("seed") for header in channel.asked] == [77, None]
        assert [header["id"] for header in channel.asked] == [1, 2]


def test_bytes_that_came_are_counted() -> None:
    process, _ = client(np.zeros(5000), 1)
    process.request("get")
    assert 40_000 < process.received < 40_400
    process.request("get")
    assert 0 < process.received < 200


def test_after_silence_or_nonsense_every_request_fails_alike() -> None:
    for lost in (ChannelTimeout(), ChannelClosed("memory")):
        process, channel = client(lost)
        for _ in range(2):
            with pytest.raises(type(lost)) as caught:
                process.request("get")
            assert caught.value is lost
        assert (process.lost, len(channel.asked)) == (True, 1)
    process, channel = client(1)
    channel.ready = b"early"
    with pytest.raises(ChannelClosed, match="protocol: bytes arrived that nobody asked for"):
        process.request("get")
    assert (process.lost, channel.asked) == (True, [])
    process, _ = client(3)
    with pytest.raises(ChannelClosed, match="protocol: `make` answered with no handle"):
        process.make("module", {})
    assert process.lost
    process, _ = client({"ok": False, "error": ERROR}, 3)
    with pytest.raises(StudentError, match="ValueError: no"):
        process.request("get")
    assert not process.lost
    assert process.request("get") == 3


def test_what_cannot_be_made_of_an_answer_is_the_student_s(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(student.Decoder):
        def decode(self, value: Any) -> Any:
            raise RecursionError

    monkeypatch.setattr(student, "Decoder", Broken)
    process, _ = client(1)
    with pytest.raises(ChannelClosed, match="protocol: a value that cannot be made: RecursionError"):
        process.request("get")


@dataclass
class Point:
    x: Any
    y: float


class WithReference:
    reference = MODEL


Box = collections.namedtuple("Box", "left right")
CALLS: list[Callable[[StudentProcess, Any], Any]] = [
    lambda process, thing: process.ask("call", [thing]),
    lambda process, thing: process.ask("call", kwargs={"a": thing}),
    lambda process, thing: process.make("value", {"a": thing}),
    lambda process, thing: process.load_state_dict(MODEL, {"a": thing}),
    lambda process, thing: process.gradient("call", [thing], {}, 0),
    lambda process, thing: process.gradient("call", [], {}, 0, thing),
    lambda process, thing: as_sent(thing),
]


@pytest.mark.parametrize("call", CALLS)
def test_only_data_and_what_stands_for_an_object_is_sent(call: Callable[[StudentProcess, Any], Any]) -> None:
    for thing, said in (
        (object(), "object cannot be sent to student code"), ([len], "builtin_function_or_method cannot be sent"),
        (torch.zeros(1, device="meta"), "meta tensor cannot be sent"),
    ):  # fmt: skip
        process, channel = client(MODEL)
        with pytest.raises(CannotBeSent, match=said):
            call(process, thing)
        assert channel.asked == []
    for stands in (MODEL, WithReference()):
        process, channel = client(MODEL)
        call(process, [stands])


@pytest.mark.parametrize("call", CALLS[:-1])
def test_arrays_are_sent_in_the_layout_that_they_have(call: Callable[[StudentProcess, Any], Any]) -> None:
    process, channel = client(MODEL)
    call(process, torch.zeros(2, 3).T)
    ((array,),) = channel.arrays
    assert (array.shape, array.strides) == ((3, 2), (1, 3))


def test_an_argument_as_it_arrives() -> None:
    assert as_sent(MODEL) == as_sent(WithReference()) == MODEL
    assert as_sent([np.float32(0.5), np.int64(3)]) == [0.5, 3]
    box = as_sent(Box(1, [2.0]))
    assert (type(box), box.class_name, box._fields, tuple(box)) == (Named, "Box", ("left", "right"), (1, [2.0]))
    assert as_sent(Point((1,), 2.0)) == NamedData("Point", {"x": (1,), "y": 2.0})
    assert type(as_sent(collections.OrderedDict(a=1))) is dict
    assert as_sent(torch.ones(2, 3).T).stride() == (1, 3)
