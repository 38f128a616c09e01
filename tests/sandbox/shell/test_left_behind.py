"""What a question's tests may leave in a notebook's process, found one by one; what they may not be blamed for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.inside.shell.left_behind import Snapshot
from autograder.sandbox.inside.shell.tmpfs import Files

NOTEBOOK = """
import collections, functools, itertools, math, random
import numpy, torch
from torch import nn

COUNT, TEXT, NAMES = 0, "a", ("x", "y")
seen, known, table, queue = [], {1}, {"a": [1, 2]}, collections.deque([1])
weights, image = numpy.zeros(4), torch.zeros(2, 3)
labels = numpy.arange(6)
own_random = random.Random(0)
torch_random = torch.Generator()
numpy_random = numpy.random.default_rng(0)

def default(value, into=[]):
    into.append(value)
    return into

def counter():
    count = 0
    def step():
        nonlocal count
        count += 1
        return count
    return step

step = counter()

@functools.lru_cache
def cached(x):
    return x + 1

class Net(nn.Module):
    built = 0
    table = {}
    def __init__(self):
        super().__init__()
        Net.built += 1
        self.layer = nn.Linear(2, 2)
        self.norm = nn.BatchNorm1d(2)
    def forward(self, x):
        return self.norm(self.layer(x))

class Slotted:
    __slots__ = ("value",)
    def __init__(self):
        self.value = []

class Plain:
    pass

net, slotted, plain, method = Net(), Slotted(), Plain(), seen.append
part = functools.partial(default, into=[])
"""


def made(source: str = NOTEBOOK) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)  # noqa: S102 - the test's own text
    return namespace


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own process has threads; a student's has none that is not the student's."""
    listed = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path=".": ["1"] if path == "/proc/self/task" else listed(path))


def snapshot_of(namespace: dict[str, Any]) -> Snapshot:
    snapshot = Snapshot(namespace)
    assert (snapshot.reason, snapshot.unchanged()) == ("", True)
    return snapshot


@pytest.mark.parametrize(
    "left",
    [
        "COUNT = 1", "COUNT += 0.5", "new = 1", "del TEXT", "NAMES = ('x',)", "seen.append(1)", "seen[:] = [1]",
        "known.add(2)", "known.discard(1)", "table['b'] = 1", "table['a'].append(3)", "table['a'] = [1, 2]",
        "queue.append(2)", "weights[1] = 1", "weights.shape = (2, 2)", "image[0, 0] = 1", "image.data.add_(1)",
        "image.requires_grad_()", "image.resize_(6)", "numpy.random.default_rng(1).shuffle(labels)",
        "own_random.random()", "torch.rand(1, generator=torch_random)", "numpy_random.normal()", "default(3)",
        "default.calls = 1", "step()", "cached(1)", "Net()", "Net.more = 1", "Net.table['a'] = 1",
        "Net.forward = lambda self, x: x", "net(torch.ones(3, 2))", "net.eval()", "net.layer.weight.data.mul_(2)",
        "net.layer.weight.grad = torch.ones(2, 2)", "net.layer.bias.requires_grad_(False)", "net.extra = 1",
        "net.register_forward_hook(print)", "slotted.value.append(1)", "slotted.value = 3", "plain.a = 1",
        "part(1)", "default.__defaults__ = ([1],)", "nn.functional.relu = None; import torch.nn.functional as F",
        "math.pi = 3", "globals().update(seen=[])",
    ],
)  # fmt: skip
def test_what_is_left_is_found(left: str) -> None:
    import math

    from torch.nn import functional

    namespace = made(NOTEBOOK + "\nimport torch.nn.functional as F")
    pi, relu = math.pi, functional.relu
    snapshot = snapshot_of(namespace)
    try:
        exec(left, namespace)  # noqa: S102 - the test's own text
        assert not snapshot.unchanged()
    finally:
        math.pi, functional.relu = pi, relu


@pytest.mark.parametrize(
    "call",
    [
        "math.sqrt(2)", "default(1, [])", "torch.relu(image)", "[x for x in seen]", "len(table)", "Plain()",
        "net.layer(torch.ones(1, 2))", "sorted(known)", "list(map(str, labels))", "weights.sum()", "counter()()",
        "import copy; copy = copy.deepcopy(net) and None; del copy", "isinstance(net, Net)", "hash(Net)",
        "torch.ones(1).requires_grad_().backward()", "__import__('warnings').warn('one')", "random.random()",
    ],
)  # fmt: skip
def test_what_leaves_nothing_is_not_blamed(call: str) -> None:
    namespace = made()
    snapshot = snapshot_of(namespace)
    before = set(namespace)
    exec(call, namespace)  # noqa: S102 - the test's own text
    for name in set(namespace) - before:
        del namespace[name]
    assert snapshot.unchanged()


@pytest.mark.parametrize(
    "odd",
    [
        "odd = (x for x in range(3))", "odd = open('/dev/null')", "odd = itertools.count()",
        "import socket; odd = socket.socket()", "import mmap; odd = mmap.mmap(-1, 8)", "odd = iter([1, 2])",
        "odd = numpy.array([None, 1], dtype=object)", "import threading; odd = threading.Thread(target=print)",
        "odd = numpy.zeros(2_000_000)", "odd = [[] for _ in range(30_000)]",
        "import weakref; odd = weakref.ref(Net)", "import sqlite3; odd = sqlite3.connect(':memory:')",
        "class Odd:\n    __dict__ = property(lambda self: 1 / 0)\nodd = Odd()",
    ],
)  # fmt: skip
def test_what_cannot_be_looked_into_counts_as_changed(odd: str) -> None:
    namespace = made(NOTEBOOK + odd)
    assert not Snapshot(namespace).unchanged()


def test_objects_that_refer_to_themselves_end() -> None:
    namespace = made("a = []\na.append(a)\nb = {}\nb['b'] = b\nclass C:\n    pass\nC.me = C\nc = C()\nc.c = c")
    snapshot = snapshot_of(namespace)
    namespace["c"].d = 1
    assert not snapshot.unchanged()


def test_an_object_that_lies_about_equality_changes_nothing() -> None:
    namespace = made(
        "class Same:\n    def __eq__(self, other):\n        return True\n    __hash__ = None\nx = [Same()]"
    )
    snapshot = snapshot_of(namespace)
    namespace["x"][0] = namespace["Same"]()
    assert not snapshot.unchanged()


def test_values_that_were_freed_do_not_come_back_as_themselves() -> None:
    namespace = made("x = [1.5]")
    snapshot = snapshot_of(namespace)
    for number in range(100):
        namespace["x"][0] = float(number)
        assert not snapshot.unchanged()


# -- files ----------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Callable[[], None]]:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "data.txt").write_text("one")
    files = Files([str(tmp_path)])
    return tmp_path, files.restore


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else "/" for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "new").write_text("x"),
        lambda root: (root / "a" / "b").mkdir(parents=True),
        lambda root: (root / "kept" / "data.txt").write_text("other"),
        lambda root: (root / "kept" / "data.txt").unlink(),
        lambda root: ((root / "kept" / "data.txt").unlink(), (root / "kept").rmdir()),
        lambda root: (root / "link").symlink_to("/etc/passwd"),
        lambda root: (root / "kept" / "data.txt").rename(root / "elsewhere"),
    ],
)
def test_files_are_put_back(files: tuple[Path, Callable[[], None]], change: Callable[[Path], Any]) -> None:
    root, restore = files
    before = tree(root)
    change(root)
    restore()
    assert tree(root) == before
    assert Path("/etc/passwd").exists()


def test_links_are_put_back_as_links_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    """A link to a public file is short; what it leads to is not."""
    (tmp_path / "public").write_text("a long table\n" * 100)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "data.csv").symlink_to(tmp_path / "public")
    os.mkfifo(folder / "pipe")
    (folder / "to_the_pipe").symlink_to(folder / "pipe")
    files = Files([str(folder)])
    for change in (Path.unlink, lambda path: (path.unlink(), path.write_text("mine"))):
        change(folder / "data.csv")
        assert not files.unchanged()
        files.restore()
        assert (folder / "data.csv").is_symlink()
        assert (folder / "data.csv").read_text() == "a long table\n" * 100
        assert files.unchanged()


def test_a_flood_of_files_is_left_alone(tmp_path: Path) -> None:
    files = Files([str(tmp_path)])
    for number in range(600):
        (tmp_path / str(number)).touch()
    files.restore()
    assert len(list(tmp_path.iterdir())) == 600
