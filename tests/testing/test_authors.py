"""What authors of hidden tests use: unchanged, remote, gradient, probes, twins."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.records import TestStatus

SALIENCY = '''
@question("a")
def test_saliency(student, remote, rng):
    """Saliency."""
    torch.manual_seed(1)
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), pool, nn.Linear(4, 5))
    x = rng.image(3, 9, 12).requires_grad_()
    model = remote.copy(net)
    with unchanged(model, x):
        got = student.saliency(model, x, 3)
    net(x[None])[0, 3].backward()
    close(got, x.grad.abs().amax(0), shape=(9, 12))
'''
RIGHT = """
import torch
def saliency(model, image, label):
    x = image.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x[None])[0, label], x)
    return gradient.abs().amax(0)
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("image.clone()", "image"), ""),
        (("    return", "    model.eval()\n    return"), "mode"),
        (("    return", "    model(x[None]).sum().backward()\n    return"), "left gradients behind"),
        (("    return", "    image.zero_()\n    return"), "changed its argument in place"),
        (("    return", "    model[0].weight.data += 1\n    return"), "weights"),
        (("    return", "    model.requires_grad_(False)\n    return"), "requires_grad"),
        (("    return", "    model.add_module('x', torch.nn.Linear(1, 1))\n    return"), "names, shapes"),
        ((".abs()", ""), "values differ"),
    ],
)
def test_unchanged_finds_what_was_left_behind(grade: Any, change: tuple[str, str], message: str) -> None:
    outcome = grade(SALIENCY, "", RIGHT.replace(*change))[0]
    assert outcome.status == (TestStatus.FAILED if message else TestStatus.PASSED), outcome.message + outcome.detail
    assert message in outcome.message


RECORDS = '''
import collections, dataclasses, math
import numpy as np
import pandas as pd

Box = collections.namedtuple("Box", ["left", "right"])

@dataclasses.dataclass
class Point:
    x: object
    y: float

FRAME = pd.DataFrame({"name": ["a", "b"], "dtype": [1, 2]}, index=pd.Index([1.0, math.nan], name=math.nan))
KINDS = [
    Box(1.0, [4.0]), Point(torch.ones(2), 3.0), [np.float32(0.5), np.int64(3)], {math.nan}, {1: math.nan, math.nan: 2},
    collections.OrderedDict(a=1), collections.Counter("abb"), "\\ud800", FRAME, FRAME["name"], FRAME.index,
]

@question("a")
def test_kinds(student):
    """What is handed over stays as it is."""
    for thing in KINDS:
        with unchanged(thing):
            assert student.first(thing) == 1, type(thing)

@question("a")
def test_boxes(student):
    """A box stays as it is."""
    box = Box(1.0, [4.0])
    with unchanged(box):
        student.last(box)
'''
RECORDS_CODE = """
def first(thing):
    return 1
def last(box):
    box.right.append(1.0)
"""


def test_unchanged_knows_an_argument_in_the_form_in_which_it_arrives(grade: Any) -> None:
    kinds, boxes = grade(RECORDS, "", RECORDS_CODE)
    assert kinds.status == TestStatus.PASSED, kinds.message + kinds.detail
    assert boxes.status == TestStatus.FAILED
    assert "changed its argument in place" in boxes.message


TRAIN = '''
def small():
    torch.manual_seed(0)
    return nn.Linear(4, 3)

TWIN = public_twin(
    run=lambda f, remote: f.train(remote.copy(small()), remote.loader([(torch.ones(2, 4), torch.tensor([0, 1]))])),
    shows="train(model, loader)",
)

@question("a", twin=TWIN)
def test_steps(student, remote, rng):
    """One step per batch."""
    net = nn.Linear(4, 3)
    model, data = remote.copy(net), rng.batches(sizes=(5, 3))
    student.step(model, remote.loader(data), remote.sgd(model, lr=0.1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in data:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    close(model.state_dict(), net.state_dict())
'''
STEP = """
from torch.nn import functional as F
def train(model, loader):
    return sum(F.cross_entropy(model(x), y).item() for x, y in loader)
def step(model, loader, optimizer):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
"""


def test_training_in_the_student_process(grade: Any) -> None:
    assert grade(TRAIN, STEP, STEP)[0].status == TestStatus.PASSED
    outcome = grade(TRAIN, STEP, STEP.replace("        optimizer.zero_grad()\n", ""))[0]
    assert outcome.status == TestStatus.FAILED
    assert outcome.message == "The answer's part `['weight']` has the right shape, but its values differ."
    assert outcome.twin.agrees
    assert outcome.twin.shows == "train(model, loader)"


HANDLES = '''
@question("a")
def test_handles(student, remote, rng):
    """Handles."""
    net = student.Net(4)
    assert net.get("width") == 4
    assert net.double(3) == 6
    assert net.shapes() == {"layer.weight": (2, 4), "layer.bias": (2,)}
    assert net.parameter_count() == 10
    assert net.train().modes() == {"": True, "layer": True}
    assert net.eval().modes() == {"": False, "layer": False}
    weight = rng.normal(2, 4)
    net.load_state_dict({"layer.weight": weight, "layer.bias": torch.zeros(2)})
    x = rng.normal(3, 4)
    close(net(x), x @ weight.T)
    close(gradient(net, x, wrt=0), weight.sum(0).expand(3, 4))
    close(gradient(net, x, wrt=net)["layer.weight"], x.sum(0).expand(2, 4))
    close(gradient(student.square, x, wrt=0, cotangent=x), 2 * x * x)
    assert net.gradients() == {"layer.weight": None, "layer.bias": None}
    assert student.itself(net).reference.number == net.reference.number
    assert student.value("answer") == "b"
    assert student.has("answer") and not student.has("nothing")
    one, two = remote.generator(3), remote.generator(3)
    close(student.draw(one), student.draw(two))
    assert remote.probe().twice(4) == 8
    held = remote.value([1, 2])
    student.append(held)
    assert remote.read(held) == [1, 2, 3]
'''
NET = """
import torch
from torch import nn
answer = "b"
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.layer = nn.Linear(width, 2)
    def forward(self, x): return self.layer(x)
    def double(self, x): return 2 * x
def square(x): return x * x
def itself(x): return x
def draw(generator): return torch.rand(3, generator=generator)
def append(items): items.append(3)
"""


def test_handles_do_what_they_say(grade: Any) -> None:
    outcome = grade(HANDLES, "", NET)[0]
    assert outcome.status == TestStatus.PASSED, outcome.detail


@pytest.mark.parametrize(
    "comparison",
    [
        "student.f() == 1",
        "student.f()",
        "student.f() < 1",
        "1 - student.f() == 0",
        "float(student.f()) == 1",
        "1 == student.f()",
    ],
)
def test_an_object_that_always_pleases_never_does(grade: Any, comparison: str) -> None:
    cell = """
class Yes:
    __eq__ = __lt__ = __bool__ = lambda *a: True
    __sub__ = __rsub__ = lambda *a: Yes()
    __float__ = lambda self: 1.0
def f(): return Yes()
"""
    tests = f'@question("a")\ndef test_a(student):\n    """A."""\n    assert {comparison}\n'
    outcome = grade(tests, "", cell)[0]
    assert outcome.status == TestStatus.FAILED
    assert "should be plain data" in outcome.message


def test_an_author_who_forgets_to_call_is_told(grade: Any) -> None:
    tests = '@question("a")\ndef test_a(student):\n    """A."""\n    assert student.quiz_1 == "b"\n'
    outcome = grade(tests, "", "quiz_1 = 'b'")[0]
    assert outcome.status == TestStatus.FAILED
    assert "student.value('quiz_1')" in outcome.detail


def test_an_odd_answer_that_breaks_the_test_is_a_failure_with_detail(grade: Any) -> None:
    tests = '@question("a")\ndef test_a(student):\n    """A."""\n    assert student.f()["x"] == 1\n'
    outcome = grade(tests, "", "def f(): return 3")[0]
    assert outcome.status == TestStatus.FAILED
    assert outcome.message == "The answer has a form that this test cannot judge."
    assert "TypeError" in outcome.detail
    assert "hidden_tests" not in outcome.message


def test_a_network_of_the_solution_cannot_be_sent(grade: Any) -> None:
    tests = '@question("a")\ndef test_a(student, remote, reference):\n    """A."""\n    remote.copy(reference.Net(3))\n'
    outcome = grade(tests, NET, NET)[0]
    assert "cannot be copied to the student process" in outcome.detail


def test_maps_of_a_twin_are_values(grade: Any) -> None:
    tests = '''
@question("a", twin=public_twin(run=lambda f: f.grid(20), shows="grid(20)"))
def test_a(student):
    """A."""
    close(student.grid(3), torch.ones(3, 3))
'''
    reference = "import torch\ndef grid(n): return torch.eye(n)"
    outcome = grade(tests, reference, reference.replace("eye(n)", "zeros(n, n)"))[0]
    assert outcome.twin.found.kind == "map"
    assert outcome.twin.found.shape == (20, 20)
    assert outcome.twin.expected.values[3][3] == 1.0
    assert outcome.model_validate_json(outcome.model_dump_json()) == outcome


@pytest.mark.parametrize(
    "answer", ["[('a', Odd((-1, 2)))]", "[(1, Odd((2,)))]", "[('a', Odd((2.5,)))]", "[('a', Odd('ab'))]", "Odd({})"]
)
def test_odd_shapes_are_refused_in_words(grade: Any, answer: str) -> None:
    tests = '''
@question("q")
def test_a(student):
    """The network has parameters."""
    student.Net().parameter_count()
'''
    cell = f"""
import torch
class Odd:
    def __init__(self, shape):
        self.shape = shape
class Net(torch.nn.Module):
    def named_parameters(self, *args, **kwargs):
        return {answer}
"""
    [outcome] = grade(tests, "", cell)
    assert outcome.status in ("failed", "error")
    assert outcome.message
    assert "named_parameters" in outcome.message or outcome.traceback is not None, outcome


CLAIMS = '''
@question("net")
def test_shapes(student):
    """The shapes are right."""
    assert student.Net().shapes() == {"weight": (2, 3)}

@question("net")
def test_size(student):
    """The size is right."""
    net = student.Net()
    assert net.parameter_count() == 6
    assert net.get("width") == 3
    assert net.train().modes() == {"": True}

@question("net")
def test_numbers(student, rng):
    """The numbers are right."""
    x, net = rng.normal(4, 3), student.Net()
    weight = rng.normal(2, 3)
    net.load_state_dict({"weight": weight})
    close(net(x), x @ weight.T)

@question("net")
def test_start(student):
    """It starts with ones."""
    close(student.Net().state_dict(), {"weight": torch.ones(2, 3)})
'''
HONEST_NET = """
import torch
from torch import nn
class Net(nn.Module):
    width = 3
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3))
    def forward(self, x):
        return x @ self.weight.T
"""
LIAR = """
import torch
class Net:
    width = 3
    def named_parameters(self):
        return [("weight", torch.empty(2, 3))]
    def train(self, mode=True):
        return self
    def named_modules(self):
        class Part:
            training = True
        return [("", Part())]
"""


def test_what_a_process_says_of_itself_counts_beside_a_right_number_only(grade: Any) -> None:
    """Names, shapes, modes and attributes can be claimed by a class without one right number in it."""
    right = {outcome.name: (str(outcome.status), outcome.forbids) for outcome in grade(CLAIMS, "", HONEST_NET)}
    assert right == {
        "test_shapes": ("passed", True),
        "test_size": ("passed", True),
        "test_numbers": ("passed", False),
        "test_start": ("passed", False),
    }
    liar = {outcome.name: (str(outcome.status), outcome.forbids) for outcome in grade(CLAIMS, "", LIAR)}
    assert liar["test_size"] == ("passed", True)
    assert liar["test_numbers"][0] != "passed"
    assert liar["test_start"][0] != "passed"
