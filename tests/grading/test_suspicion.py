"""Signs that raise a flag for a person, change no score, and are never seen in honest work."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.suspicion import _EACH, _WORDS, CANARY_VARIABLE, FORBIDDEN, MOST_FLAGS, forbidden_calls, signs

SOLUTION = {
    "add": "def add(a, b):\n    return a + b",
    "total": "def total(values):\n    return sum(values)",
    "quiz": 'quiz_1 = "b"',
}
ROOT = Path(__file__).parents[2]
TRIES = {
    "other processes": "import os\nos.kill(os.getppid(), 9)",
    "leaving with a status": "import os; os._exit(0)",
    "other processes' files": 'open(f"/proc/{pid}/environ")',
    "calls of the kernel": "libc.ptrace(16, 1, 0, 0)",
    "frames of callers": "import sys\nsys._getframe(1).f_locals",
    "tracing": "threading.settrace(print)",
    "hooks of imports": "sys.meta_path.insert(0, Mine())",
    "code that runs when it is unpickled": "class A:\n    def __reduce__(self): ...",
    "answers that decide comparisons": "class T(torch.Tensor):\n    def __torch_function__(cls, *a): ...",
    "comparisons put in place of a library's": "torch.testing.assert_close = print",
    "files of the grader": "from hidden_tests import *",
}
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


@pytest.mark.parametrize("label", FORBIDDEN)
def test_each_kind_of_forbidden_call_is_seen(label: str) -> None:
    assert label in signs(TRIES[label])
    [flag, *_] = [flag for flag in forbidden_calls({7: "x = 1", 9: TRIES[label]}) if label in flag]
    assert flag.startswith(f"cell 9 reaches for {label}: ")
    assert "\n" not in flag
    assert forbidden_calls({9: TRIES[label]}, allowed=signs(TRIES[label])) == []


def test_the_words_find_whatever_the_patterns_find() -> None:
    """A pattern whose words are not in the list of words would never be looked for."""
    for case in [*(ROOT / "tests/adversary/cases").glob("*.py"), *TRIES.values()]:
        source = case if isinstance(case, str) else case.read_text()
        lines = [line for line in source.splitlines() if not line.lstrip().startswith("#")]
        seen = {label for label, pattern in _EACH.items() if any(pattern.search(line) for line in lines)}
        assert set(signs(source)) == seen
        assert bool(seen) <= any(word in source for word in _WORDS)


def test_honest_work_has_no_sign() -> None:
    assert signs(HONEST) == {}
    work = [*ROOT.glob("solutions/*/solution.py"), *ROOT.glob("solutions/*/bank/*.py")]
    assert len(work) > 400
    found = {path: signs(path.read_text(encoding="utf-8")) for path in work}
    assert {str(path): labels for path, labels in found.items() if labels} == {}


def test_no_more_flags_than_a_person_reads() -> None:
    assert len(forbidden_calls(dict.fromkeys(range(100), "os._exit(0)"))) == MOST_FLAGS


def test_a_forbidden_call_raises_a_flag_and_costs_nothing(grade: Callable) -> None:
    plain = grade(*SOLUTION.items()).evidence
    tried = grade(*SOLUTION.items(), "import sys\nprint(sys._getframe(0))").evidence
    assert plain.flags == ()
    assert tried.flags == ("cell 3 reaches for frames of callers: sys._getframe",)
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


def test_no_source_makes_the_look_a_long_one() -> None:
    started = time.process_time()
    for text in ("os." * 300_000, "def " * 200_000 + "__torch_", " \t" * 400_000 + "os.kill", "/proc/{" * 100_000):
        signs(text)
    assert time.process_time() - started < 5
    assert not any(re.search(r"[^\\][*+]", pattern) for pattern in FORBIDDEN.values()), "a repetition without a bound"
