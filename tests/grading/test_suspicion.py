"""Signs that raise a flag for a person, change no score, and are never seen in honest work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.acts import _LOOKS, acts
from autograder.grading.suspicion import CANARY_VARIABLE, MOST_FLAGS, forbidden_calls

SOLUTION = {
    "add": "def add(a, b):\n    return a + b",
    "total": "def total(values):\n    return sum(values)",
    "quiz": 'quiz_1 = "b"',
}
ROOT = Path(__file__).parents[2]
TRIES = {
    "other processes": ["import os\nos.kill(os.getppid(), 9)", "os.kill(1, 9)", "os.kill(-1, 9)", "os.setuid(0)",
                        "for pid in range(2, 400):\n    os.kill(pid, 9)"],
    "other processes' files": ['open(f"/proc/{pid}/environ")', "os.listdir('/proc/1/fd')"],
    "calls of the kernel": ["libc.ptrace(16, 1, 0, 0)", "ctypes.CDLL(None).syscall(101, 0)"],
    "frames of callers": ["import sys\nsys._getframe(1).f_locals", "frame.f_back.f_globals",
                          "for r in inspect.stack():\n    print(r.frame.f_locals)"],
    "audit hooks": ["sys.addaudithook(print)"],
    "hooks of imports": ["sys.meta_path.insert(0, Mine())", "sys.path_hooks[:] = []"],
    "code that runs when it is unpickled": ["class A:\n    def __reduce__(self):\n        return os.system, ('id',)"],
    "answers that decide comparisons": ["class T(A):\n    def __torch_function__(cls, *a):\n        return True"],
    "comparisons put in place of a library's": ["torch.testing.assert_close = print", "setattr(np, 'isclose', print)",
                                                "!ls\nmath.isclose = lambda *a: True"],
    "files of the grader": ["from hidden_tests import *", "open('../hidden_tests.py').read()",
                            "glob.glob('/**/conftest.py')"],
}  # fmt: skip
IDIOMS = {
    "restart of a kernel (Colab)": "import os\nos.kill(os.getpid(), 9)",
    "restart of a kernel, by name": "pid = os.getpid()\nos.kill(pid, signal.SIGKILL)",
    "restart of a kernel, by exit": "os._exit(00)",
    "end of one's own server": "server = subprocess.Popen(['tensorboard'])\nos.kill(server.pid, signal.SIGTERM)",
    "a name and its value": 'print(f"{torch.equal=} {np.all=}")',
    "names of comparisons in a call": "plot(x, equal=True)\nsns.set(all=True, any=False, abs=1, len=3)",
    "a comment about the tests": "x = 1  # hidden_tests use other shapes, see conftest",
    "a text about the tests": "print('The hidden_tests may use other shapes; my conftest passes')",
    "a docstring about the tests": "def f():\n    'See hidden_tests.'\n    return 1",
    "one's own name": "import inspect\nname = inspect.currentframe().f_code.co_name",
    "one's own variables": "print(inspect.currentframe().f_locals)",
    "the caller's name in a log": "print(sys._getframe(1).f_code.co_name, inspect.stack()[1].function)",
    "a state that is loaded": "class A:\n    def __getstate__(self):\n        return self.x\n"
                              "    def __setstate__(self, x):\n        self.x = x",
    "a class that pickles": "class A:\n    def __reduce__(self):\n        return A, (self.x,)",
    "a tensor subclass": "class T(torch.Tensor):\n    @classmethod\n"
                         "    def __torch_function__(cls, f, t, a=(), k=None):\n"
                         "        return super().__torch_function__(f, t, a, k or {})",
    "a tensor subclass that defers": "class T:\n    def __array_ufunc__(self, *a, **k):\n        return NotImplemented",
    "where an error was": "try:\n    f()\nexcept Exception as e:\n    print(e.__traceback__.tb_frame.f_code)",
    "memory in use": "print(open('/proc/self/status').read(), open('/proc/meminfo').read())",
    "open files": "print(len(os.listdir('/proc/self/fd')))",
    "threads": "print(len(os.listdir('/proc/self/task')), open('/proc/self/maps').read()[:100])",
    "workers": "pid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)",
    "parents in a log": "logging.info('pid %s of %s', os.getpid(), os.getppid())",
    "tracing for a lesson": "def trace(frame, event, arg):\n    print(event, frame.f_lineno)\n"
                            "sys.settrace(trace)\nf()\nsys.settrace(None)",
    "profiling": "sys.setprofile(None)\nthreading.setprofile(None)",
    "an alias for an old name": "np.bool = bool\nnp.float = float",
    "reading paths of imports": "print(sys.meta_path, sys.path_hooks)",
    "comparing": "assert torch.allclose(a, b) and torch.equal(a, b) == True and np.isclose(x, y).all()",
    "a local name": "all = [1, 2]\nabs = abs(-1)\nlen_x = len(x)\nmodel.all = True\nself.equal = False",
    "a class of one's own": "class Box:\n    def __eq__(self, other):\n        return self.x == other.x\n"
                            "    def __abs__(self):\n        return abs(self.x)",
    "a file of one's own tests": "%%writefile test_mine.py\nimport conftest\ndef test(): pass",
    "a module called customize": "from plots import customize\ncustomize(ax)",
    "a signal handler": "signal.signal(signal.SIGINT, signal.default_int_handler)",
    "a time-out": "signal.alarm(5)",
    "pandas": "df.eval('a + b'); df.query('a > 1').all().any()",
    "magic": "%load_ext autoreload\n!nvidia-smi\n!pip install syscall\n%timeit net(x)",
    "no Python at all": "this is a note about os.kill( and ptrace( and sys._getframe",
    "a flag of a library": "torch.backends.cudnn.benchmark = True\ntorch.use_deterministic_algorithms(True)",
    "garbage": "import gc\nfor thing in gc.get_objects():\n    pass\ngc.collect()",
    "sources": "print(inspect.getsource(nn.Conv2d), inspect.signature(f))",
    "an environment": "os.environ['CUDA_VISIBLE_DEVICES'] = '0'\nprint(os.environ.get('HOME'))",
}  # fmt: skip


HONEST = """
import gc, inspect, os, subprocess, sys, time
# os.fork would not help here, nor would sys._getframe
device = "cuda" if torch.cuda.is_available() else "cpu"
for thing in gc.get_objects():
    pass
print(inspect.getsource(nn.Conv2d), os.environ.get("HOME"), os.cpu_count(), open("/proc/meminfo").read())
torch.backends.cudnn.benchmark = True
same = torch.allclose(a, b); ok = torch.equal(a, b) == True
kwargs = dict(len=3, all=True, abs=None)
os.makedirs("out", exist_ok=True); sys.path.append("."); keys = state_dict.keys()
!nvidia-smi
%timeit net(x)
"""


@pytest.mark.parametrize(("label", "tried"), [(label, tried) for label in TRIES for tried in TRIES[label]])
def test_each_kind_of_act_is_seen(label: str, tried: str) -> None:
    assert label in acts(tried)
    [flag, *_] = [flag for flag in forbidden_calls({7: "x = 1", 9: tried}) if label in flag]
    assert flag.startswith(f"cell 9 reaches for {label}: ")
    assert "\n" not in flag
    assert forbidden_calls({9: tried}, allowed=acts(tried)) == []


def test_the_kinds_are_those_that_are_tried() -> None:
    assert set(_LOOKS) == set(TRIES)


@pytest.mark.parametrize("idiom", IDIOMS)
def test_an_honest_idiom_raises_no_flag(idiom: str) -> None:
    assert acts(IDIOMS[idiom]) == {}


def test_honest_work_has_no_sign() -> None:
    assert acts(HONEST) == {}
    work = [*ROOT.glob("solutions/*/solution.py"), *ROOT.glob("solutions/*/bank/*.py")]
    assert len(work) > 400
    found = {path: acts(path.read_text(encoding="utf-8")) for path in work}
    assert {str(path): labels for path, labels in found.items() if labels} == {}


def test_no_more_flags_than_a_person_reads() -> None:
    assert len(forbidden_calls(dict.fromkeys(range(100), "os.kill(1, 9)"))) == MOST_FLAGS


def test_a_forbidden_call_raises_a_flag_and_costs_nothing(grade: Callable) -> None:
    plain = grade(*SOLUTION.items()).evidence
    tried = grade(*SOLUTION.items(), "import sys\nsys._getframe(0).f_back.f_locals").evidence
    assert plain.flags == ()
    assert tried.flags == ("cell 3 reaches for frames of callers: sys._getframe(0).f_back",)
    assert [(test.name, test.status) for test in tried.tests] == [(test.name, test.status) for test in plain.tests]


def test_a_canary_that_student_code_shows_raises_a_flag(grade_with: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word is put into the notebook here: that is what a broken sandbox would look like."""
    monkeypatch.setenv(CANARY_VARIABLE, "c0ffee" * 5)
    secret, word = b"the secret of this course", "c0ffee" * 5
    for show in (f"print('x{word}y')", f"raise ValueError('{word}')", f"def add(a, b):\n    raise KeyError('{word}')"):
        evidence = grade_with(secret, *SOLUTION.items(), show).evidence
        assert len(evidence.flags) == 1, show
        assert evidence.flags[0].startswith("what it printed or raised holds a word of the environment of the grader")
        assert word not in evidence.flags[0]
    [flag] = grade_with(secret, *SOLUTION.items(), f"print({secret.decode()!r})").evidence.flags
    assert "a word of the course's secret" in flag
    monkeypatch.delenv(CANARY_VARIABLE)
    assert grade_with(secret, *SOLUTION.items(), f"print('{word}')").evidence.flags == ()


def test_no_source_makes_the_look_a_long_one_or_ends_it() -> None:
    nested = "os.kill(" + "-" * 50_000 + "1, 9)"
    for text in ("os.kill" * 300_000, "def " * 40_000 + "__torch_", " \t" * 90_000 + "os.kill", nested,
                 "/proc/{" * 20_000, "(" * 90_000 + "os.kill", "f'{" * 3_000 + "os.kill", "os.kill;" * 20_000,
                 "x = [" + "os.kill," * 20_000):  # fmt: skip
        acts(text)
