"""Requests answered by a real forked process: honest answers to honest notebooks, error replies to odd ones."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autograder.sandbox.inside.answers import modules
from autograder.sandbox.inside.wire.protocol import encode_frame
from autograder.sandbox.inside.wire.records import Named
from autograder.sandbox.inside.wire.scalars import SCALARS
from autograder.sandbox.inside.wire.values import MAX_NUMBERS, CannotBeSent, HandleRef, Other
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.student import StudentError, StudentProcess

Start = Callable[..., StudentProcess]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return type(left) is type(right) and left == right


VALUES = [
    None,
    True,
    0,
    -(2**62),
    "naïve ✓",
    "",
    0.1,
    math.inf,
    math.nan,
    -0.0,
    b"\0\xff",
    1 - 2j,
    [1, "a", [2.5, ()]],
    (1, (2,)),
    {"a": [1], 2: None, 0.5: "x"},
    list(range(5000)),
    [0.1 * i for i in range(3000)],
    torch.arange(6.0).reshape(2, 3).T,
    torch.tensor(3),
    torch.zeros(0, 3),
    torch.randn(3).to(torch.bfloat16),
    torch.randn(3, dtype=torch.complex64).conj(),
    torch.tensor([True, False]),
    torch.randn(2, requires_grad=True),
    torch.ones(3).expand(4, 3),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(type(value).__name__))
def test_values_go_there_and_back(start: Start, value: Any) -> None:
    assert same(start("def same(x): return x").ask("call", [value], name="same"), value)


LAYOUT = """
import torch
def layout(x): return x.stride(), x.storage_offset()
def refuse(x):
    if not x.is_contiguous():
        raise ValueError("not contiguous")
    return x
def first(loader): return next(iter(loader)).stride()
def read(x): return x.stride()
"""


@pytest.mark.parametrize("way", ["call", "method", "gradient", "value", "load"])
def test_every_way_in_keeps_a_layout(start: Start, way: str) -> None:
    student, sent = start(LAYOUT), torch.randn(4, 3)[1:].t()
    if way == "call":
        assert student.ask("call", [sent], name="layout") == ((1, 3), 0)
        assert student.ask("call", [], {"x": [sent][0]}, name="layout") == ((1, 3), 0)
    elif way == "method":
        probe = student.request("add_probe", source="def stride(x): return x.stride()")
        assert student.ask("method", [sent], handle=probe.number, name="stride") == (1, 3)
    elif way == "gradient":
        with pytest.raises(StudentError, match="not contiguous"):
            student.gradient("call", [sent], {}, wrt=0, name="refuse")
        assert torch.equal(student.gradient("call", [sent.contiguous()], {}, wrt=0, name="refuse"), torch.ones(3, 3))
    elif way == "value":
        made = student.make("value", {"value": sent})
        assert student.ask("call", [made], name="read") == (1, 3)
    else:
        layer = nn.Linear(3, 3, bias=False)
        layer = student.make("module", {"structure": modules.describe(layer), "state": dict(layer.state_dict())})
        student.load_state_dict(layer, {"weight": sent})
        assert torch.equal(student.request("state_dict", handle=layer.number)["weight"], sent)


def test_an_echo_is_contiguous(start: Start) -> None:
    sent = torch.randn(3, 4).t()
    result, (echoed,), _ = start("def same(x): return x").ask("call", [sent], name="same", echo=True)
    assert result.is_contiguous()
    assert echoed.is_contiguous()
    assert torch.equal(echoed, sent)


def test_arrays_go_there_and_back(start: Start) -> None:
    value = np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::2]
    found = start("def same(x): return x").ask("call", [value], name="same")
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, value)


ODD = {
    "import numpy as np\nx = np.float64(1.5)": 1.5,
    "import numpy as np\nx = np.int32(3)": 3,
    "from collections import OrderedDict\nx = OrderedDict(a=1)": {"a": 1},
    "from collections import Counter\nx = Counter('aab')": {"a": 2, "b": 1},
    "from collections import namedtuple\nx = namedtuple('P', 'a b')(1, 2)": Named.of("P", ("a", "b"), (1, 2)),
    "import torch\nx = torch.Size([1, 2])": (1, 2),
    "x = 2**64": 2**64,
    "x = 2**20000": Other("int of more than 16,000 bits"),
    "x = '\\ud800'": "?",
    "class L(list):\n    def __iter__(self): return iter([9])\n    def __len__(self): return -1\nx = L([1, 2])": [1, 2],
    "class D(dict):\n    def items(self): raise SystemExit\nx = D(a=1)": {"a": 1},
}


@pytest.mark.parametrize("cell", ODD)
def test_odd_values_arrive_as_the_data_they_hold(start: Start, cell: str) -> None:
    assert same(start(cell).request("get", name="x"), ODD[cell])


LIARS = [
    "class F(float): pass\nx = F(1)",
    "class A:\n    __class__ = float\nx = A()",
    "class A:\n    def __getattribute__(self, name): raise RuntimeError(name)\nx = A()",
    "class A:\n    def __eq__(self, other): return True\n    __hash__ = None\nx = A()",
    "class M(type):\n    def __getattribute__(self, name): raise SystemExit\nclass A(metaclass=M): pass\nx = A()",
    "x = (i for i in range(3))",
    "x = map(str, [1])",
    "class S(set): pass\nx = S()",
]


@pytest.mark.parametrize("cell", LIARS)
def test_whatever_is_not_data_stays_there(start: Start, cell: str) -> None:
    found = start(cell).request("get", name="x")
    assert isinstance(found, HandleRef)
    assert found.kind == "object"


def test_a_tensor_subclass_cannot_lie(start: Start) -> None:
    cell = """
import torch
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return torch.ones(7)
    shape = property(lambda self: (9, 9))
    def detach(self): return torch.ones(3)
    def tobytes(self): return b""
x = torch.arange(4.).as_subclass(Liar)
"""
    assert same(start(cell).request("get", name="x"), torch.arange(4.0))


def test_a_tensor_too_large_is_refused_and_the_process_lives(start: Start) -> None:
    student = start("import torch\nx = torch.zeros(1).expand(10**12)\nmany = [torch.zeros(4 << 20)] * 5\ny = 1")
    for name in ("x", "many"):
        with pytest.raises(StudentError, match="cannot be sent"):
            student.request("get", name=name)
    assert student.request("get", name="y") == 1


@pytest.mark.parametrize("cell", ["x = []\nx.append(x)", "x = {}\nx['x'] = x", "x = 1\nfor _ in range(50): x = [x]"])
def test_cycles_and_depth_end(start: Start, cell: str) -> None:
    assert start(cell).request("get", name="x") is not None


def test_an_error_has_type_message_and_the_students_lines(start: Start) -> None:
    student = start("def inner(x):\n    return x.nothing\n", "def outer(x):\n    y = 1\n    return inner(x)")
    with pytest.raises(StudentError) as caught:
        student.ask("call", [1], name="outer")
    assert caught.value.type == "AttributeError"
    assert "nothing" in caught.value.message
    assert caught.value.lines == ((1, 3, "return inner(x)"), (0, 2, "return x.nothing"))
    assert caught.value.where == "student"


NASTY = {
    "def f(): raise SystemExit(0)": "SystemExit",
    "def f(): raise KeyboardInterrupt": "KeyboardInterrupt",
    "def f(): return f()": "RecursionError",
    "class E(Exception):\n    def __str__(self): raise SystemExit\ndef f(): raise E": "E",
    "class E(BaseException):\n    __class__ = int\n    def __str__(self): return 'x' * 10**7\ndef f(): raise E": "E",
    "class M(type):\n    __name__ = property(lambda c: 1/0)\nclass E(Exception, metaclass=M): 0\ndef f(): raise E": "E",
    "def f(): raise ValueError('\\ud800' * 3)": "ValueError",
}


@pytest.mark.parametrize("cell", NASTY)
def test_any_exception_becomes_an_error(start: Start, cell: str) -> None:
    student = start(cell)
    with pytest.raises(StudentError) as caught:
        student.ask("call", name="f")
    assert caught.value.type == NASTY[cell]
    assert len(caught.value.message) <= 2000
    assert student.request("has", name="f") is True


def test_a_missing_name_is_told_so(start: Start) -> None:
    student = start("x = 1")
    assert student.request("has", name="x") is True
    assert student.request("has", name="soften") is False
    with pytest.raises(StudentError, match="`soften` is not defined: was its cell deleted") as caught:
        student.ask("call", name="soften")
    assert (caught.value.type, caught.value.where) == ("NameError", "request")
    with pytest.raises(StudentError, match="int"):
        student.ask("call", name="x")


def test_a_network_is_made_there_from_structure_and_state(start: Start) -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2)
    )
    net[0].weight.requires_grad_(False)
    net.train()
    net[1].eval()
    student = start("")
    made = student.make("module", {"structure": modules.describe(net), "state": dict(net.state_dict())})
    assert (made.kind, made.class_name) == ("module", "Sequential")
    x = torch.randn(2, 3, 4, 4)
    net.eval()
    student.request("set_training", handle=made.number, mode=False)
    assert torch.equal(student.ask("call_handle", [x], handle=made.number), net(x))
    state = student.request("state_dict", handle=made.number)
    assert all(torch.equal(state[name], value) for name, value in net.state_dict().items())
    parameters = student.request("parameters", handle=made.number)
    assert [row[0] for row in parameters] == [name for name, _ in net.named_parameters()]
    assert parameters[0][1:] == ((4, 3, 3, 3), "torch.float32", False, None)
    shapes = student.request("shapes", handle=made.number)
    assert shapes == {name: tuple(parameter.shape) for name, parameter in net.named_parameters()}


def test_modes_are_kept_layer_by_layer(start: Start) -> None:
    net = nn.Sequential(nn.Dropout(), nn.ReLU())
    net[0].eval()
    student = start("")
    made = student.make("module", {"structure": modules.describe(net), "state": {}})
    assert student.request("set_training", handle=made.number, mode=None) == {"": True, "0": False, "1": True}


def test_one_step_of_training(start: Start) -> None:
    cell = """
from torch.nn import functional as F
def train(model, loader, optimizer):
    assert len(loader) == 2 and len(loader.dataset) == 8
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
    net = nn.Linear(4, 3)
    batches = [(torch.randn(5, 4), torch.randint(3, (5,))), (torch.randn(3, 4), torch.randint(3, (3,)))]
    student = start(cell)
    made = student.make("module", {"structure": modules.describe(net), "state": dict(net.state_dict())})
    loader = student.make("loader", {"batches": batches})
    optimizer = student.make("optimizer", {"name": "sgd", "module": made, "arguments": {"lr": 0.1}})
    student.ask("call", [made, loader, optimizer], name="train")
    ours = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        ours.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        ours.step()
    found = student.request("state_dict", handle=made.number)
    assert torch.allclose(found["weight"], net.weight)


def test_a_gradient_with_respect_to_an_input(start: Start) -> None:
    student = start(
        "def f(x, y): return (x * y).sum()\ndef g(x, y): return x.detach()\ndef h(x, y): return y.sum() * 2."
    )
    x, y = torch.randn(3), torch.randn(3)
    assert torch.equal(student.gradient("call", [x, y], {}, wrt=0, name="f"), y)
    with pytest.raises(StudentError, match="autograd"):
        student.gradient("call", [x, y], {}, wrt=0, name="g")
    with pytest.raises(StudentError, match="autograd"):
        student.gradient("call", [x, y], {}, wrt=0, name="h")


def test_echo_shows_what_a_call_did_to_its_arguments(start: Start) -> None:
    student = start("def f(x): x.zero_(); return 1")
    result, args, kwargs = student.ask("call", [torch.ones(2)], name="f", echo=True)
    assert (result, kwargs) == (1, {})
    assert torch.equal(args[0], torch.zeros(2))


def test_the_same_object_has_the_same_handle(start: Start) -> None:
    student = start("import torch\nnet = torch.nn.Linear(1, 1)\ndef same(x): return x\nhome = {'net': net}")
    net = student.request("get", name="net")
    assert student.ask("call", [net], name="same") == net
    assert student.request("get", name="home") == {"net": net}
    student.request("drop", handle=net.number)
    with pytest.raises(StudentError, match="no object"):
        student.request("state_dict", handle=net.number)


def test_a_probe_sees_the_notebook_and_leaves_it_alone(start: Start) -> None:
    student = start("a = 2\ndef double(x): return a * x")
    probe = student.request("add_probe", source="def four(x): return student.double(student.double(x))\na = 7")
    assert student.ask("method", [1], handle=probe.number, name="four") == 4
    assert student.request("get", name="a") == 2
    assert student.request("has", name="four") is False


def test_seeding_reaches_every_generator(start: Start) -> None:
    cell = "import random, numpy, torch\ndef draw(): return random.random(), float(numpy.random.rand()), torch.rand(2)"
    student = start(cell)
    draws = []
    for seed in (1, 1, 2**40):
        student.request("seed", value=seed)
        draws.append(str(student.ask("call", name="draw")))
    assert draws[0] == draws[1] != draws[2]


def test_the_outcome_of_a_cell(start: Start) -> None:
    student = start()
    assert student.run_cell("x = 1", 0, 5.0).status == "ok"
    reply = student.run_cell("y = (\n", 4, 5.0)
    assert reply.error is not None
    assert reply.error.type == "SyntaxError"


def test_a_hang_is_a_timeout_and_the_process_is_lost(start: Start) -> None:
    student = start("import time\ndef f(): time.sleep(30)")
    with pytest.raises(ChannelTimeout):
        student.ask("call", name="f", seconds=0.2)
    assert student.lost
    with pytest.raises(ChannelTimeout):
        student.request("has", name="f")


def test_an_exit_closes_the_channel(start: Start) -> None:
    with pytest.raises(ChannelClosed):
        start("import os\ndef f(): os._exit(0)").ask("call", name="f")


def test_an_unsolicited_reply_breaks_the_protocol(start: Start) -> None:
    student = start("def f(): _socket.sendall(b'extra'); return 1")
    try:
        student.ask("call", name="f")
        with pytest.raises(ChannelClosed):
            student.request("has", name="f")
    except ChannelClosed:
        pass
    assert student.lost


def reply(text: bytes, body: bytes = b"") -> Callable[[socket.socket], None]:
    import struct

    def serve(end: socket.socket) -> None:
        while end.recv(1 << 16):
            end.sendall(struct.pack(">IQ", len(text), len(body)) + text + body)

    return serve


FORGED = {
    "another id": b'{"id":2,"ok":true,"value":1,"arrays":[]}',
    "an id that is true": b'{"id":true,"ok":true,"value":1,"arrays":[]}',
    "an id that is a float": b'{"id":1.0,"ok":true,"value":1,"arrays":[]}',
    "ok that is 1": b'{"id":1,"ok":1,"value":1,"arrays":[]}',
    "no value": b'{"id":1,"ok":true,"arrays":[]}',
    "value and error": b'{"id":1,"ok":true,"value":1,"error":null,"arrays":[]}',
    "an extra key": b'{"id":1,"ok":true,"value":1,"score":100,"arrays":[]}',
    "a bare list": b'{"id":1,"ok":true,"value":[1],"arrays":[]}',
    "a bare float": b'{"id":1,"ok":true,"value":1.5,"arrays":[]}',
    "an unknown form": b'{"id":1,"ok":true,"value":{"pickle":"gASV"},"arrays":[]}',
    "two forms": b'{"id":1,"ok":true,"value":{"float":"nan","list":[]},"arrays":[]}',
    "a tensor of no array": b'{"id":1,"ok":true,"value":{"tensor":0},"arrays":[]}',
    "a negative index": b'{"id":1,"ok":true,"value":{"tensor":-1},"arrays":[{"dtype":"int8","shape":[0]}]}',
    "an array named twice": b'{"id":1,"ok":true,"value":{"list":[{"tensor":0},{"tensor":0}]},'
    b'"arrays":[{"dtype":"int8","shape":[0]}]}',
    "an array named as two things": b'{"id":1,"ok":true,"value":{"list":[{"tensor":0},{"ndarray":0}]},'
    b'"arrays":[{"dtype":"int8","shape":[0]}]}',
    "a bfloat16 ndarray": b'{"id":1,"ok":true,"value":{"ndarray":0},"arrays":[{"dtype":"bfloat16","shape":[0]}]}',
    "a tensor with strides": b'{"id":1,"ok":true,"value":{"tensor":0},'
    b'"arrays":[{"dtype":"int8","shape":[0],"strides":[1]}]}',
    "numbers of two dimensions": b'{"id":1,"ok":true,"value":{"numbers":0},"arrays":[{"dtype":"int64","shape":[0,1]}]}',
    "a float that is an expression": b'{"id":1,"ok":true,"value":{"float":"1+1"},"arrays":[]}',
    "a float in decimals": b'{"id":1,"ok":true,"value":{"float":"1.5"},"arrays":[]}',
    "a float beyond doubles": b'{"id":1,"ok":true,"value":{"float":"0x1p+99999"},"arrays":[]}',
    "a dict with a key twice": b'{"id":1,"ok":true,"value":{"dict":[["a",1],["a",2]]},"arrays":[]}',
    "a dict with a list as key": b'{"id":1,"ok":true,"value":{"dict":[[{"list":[]},1]]},"arrays":[]}',
    "a dict with a key that no dict can hold": b'{"id":1,"ok":true,'
    b'"value":{"dict":[[{"decimal":"sNaN"},1]]},"arrays":[]}',
    "a dict with such a key in a tuple": b'{"id":1,"ok":true,'
    b'"value":{"dict":[[{"tuple":[1,{"decimal":"sNaN"}]},1]]},"arrays":[]}',
    "a handle without a class": b'{"id":1,"ok":true,"value":{"handle":1,"kind":"module"},"arrays":[]}',
    "a handle of a new kind": b'{"id":1,"ok":true,"value":{"handle":1,"kind":"grade","class":"A"},"arrays":[]}',
    "a negative handle": b'{"id":1,"ok":true,"value":{"handle":-1,"kind":"module","class":"A"},"arrays":[]}',
    "bytes that are not base64": b'{"id":1,"ok":true,"value":{"bytes":"*"},"arrays":[]}',
    "an error with lines of text": b'{"id":1,"ok":false,"error":'
    b'{"type":"E","message":"","lines":["x"],"where":"student"},"arrays":[]}',
    "an error from elsewhere": b'{"id":1,"ok":false,"error":'
    b'{"type":"E","message":"","lines":[],"where":"grader"},"arrays":[]}',
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED.keys())
def test_a_forged_reply_breaks_the_protocol(start: Start, text: bytes) -> None:
    student = start(raw=reply(text))
    with pytest.raises(ChannelClosed) as caught:
        student.request("has", name="f")
    assert caught.value.reason == "protocol"
    with pytest.raises(ChannelClosed):
        student.request("has", name="f")


def test_a_reply_that_fails_in_a_way_nobody_thought_of_breaks_the_protocol(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a student's bytes that do, and not the grader's fault."""
    monkeypatch.setitem(SCALARS, "decimal", lambda content: content < 1)
    student = start(raw=reply(b'{"id":1,"ok":true,"value":{"decimal":"1"},"arrays":[]}'))
    with pytest.raises(ChannelClosed, match="cannot be made: TypeError"):
        student.request("has", name="f")


def test_names_that_were_bound_again_have_cells_that_can_be_written_down(start: Start) -> None:
    """Of the rows of `settle` those are left out that no notebook gives: str() refuses integers of 4,300 digits."""
    rows = [f'{{"list":["answer","f",{cell},{later},true]}}' for cell, later in (("1", "2"), ("-1", "3"), ("-2", "3"))]
    long = '{"integer":"-0x' + "f" * 4096 + '"}'
    rows += [f'{{"list":["answer","f",{cell},{later},true]}}' for cell, later in ((long, "3"), ("1", long))]
    text = f'{{"id":1,"ok":true,"value":{{"list":[{",".join(rows)}]}},"arrays":[]}}'
    found = start(raw=reply(text.encode())).settle(20.0)
    assert [(row.cell, row.later) for row in found] == [(1, 2), (-1, 3)]


def test_more_numbers_than_a_message_may_hold_break_the_protocol(start: Start) -> None:
    """As Python objects they take five times the bytes that came."""
    text = b'{"id":1,"ok":true,"value":{"list":[{"numbers":0},{"numbers":1}]},"arrays":[%s]}'
    each = b'{"dtype":"int64","shape":[%d]}' % (MAX_NUMBERS // 2 + 1)
    student = start(raw=reply(text % b",".join([each, each]), bytes(2 * 8 * (MAX_NUMBERS // 2 + 1))))
    with pytest.raises(ChannelClosed, match="numbers"):
        student.request("has", name="f")


def test_the_outcome_of_a_cell_has_a_bound_of_its_own(start: Start) -> None:
    text = b'{"id":1,"ok":true,"value":{"ndarray":0},"arrays":[{"dtype":"uint8","shape":[%d]}]}' % (32 << 20)
    student = start(raw=reply(text, b" " * (32 << 20)))
    with pytest.raises(ChannelClosed, match="a body of"):
        student.run_cell("1", 0, 20.0)


@pytest.mark.parametrize("thing", ["an object", "a tensor without numbers", "a long list", "an odd answer"])
def test_what_cannot_travel_is_refused_before_it_is_sent(start: Start, thing: str) -> None:
    things: dict[str, Any] = {
        "an object": [object()],
        "a tensor without numbers": torch.empty(3, device="meta"),
        "a long list": ["x", 1] * 15_000,
        "an odd answer": {"a": Other("Strange")},
    }
    student = start("def f(x):\n    return 1")
    with pytest.raises(CannotBeSent, match="cannot be sent"):
        student.ask("call", [things[thing]], name="f")
    assert student.ask("call", [1], name="f") == 1, "nothing was lost by it"


def test_garbage_breaks_the_protocol(start: Start) -> None:
    def garbage(end: socket.socket) -> None:
        end.recv(1 << 16)
        end.sendall(os.urandom(1 << 16))

    with pytest.raises(ChannelClosed) as caught:
        start(raw=garbage).request("has", name="f")
    assert caught.value.reason == "protocol"


def test_bytes_before_any_request_break_the_protocol(start: Start) -> None:
    def eager(end: socket.socket) -> None:
        end.sendall(encode_frame({"id": 1, "ok": True, "value": 1}))
        end.recv(1 << 16)
        end.recv(1)

    student = start(raw=eager)
    while not student._channel.pending():
        time.sleep(0.01)
    with pytest.raises(ChannelClosed) as caught:
        student.request("has", name="f")
    assert caught.value.reason == "protocol"
