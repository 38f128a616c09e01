"""What breaks in the engine while a hidden test runs is a fault of ours, never a failed test."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import autograder.grading.machine_lock
from autograder.sandbox.interface import SandboxFault

TESTS = '''
@question("a")
def test_a(student):
    """A."""
    assert student.f() == 1
'''


def test_a_mistake_in_the_engine_is_a_fault(suite_of, session_of):
    suite = suite_of(TESTS)
    session = session_of(suite, "def f():\n    return 1")
    # a function of the engine, outside of what refuses students' values, that raises
    engine = Path(autograder.grading.machine_lock.__file__)
    names: dict[str, object] = {}
    exec(compile("def broken():\n    raise AttributeError('ours')\n", str(engine), "exec"), names)  # noqa: S102
    session.fork = names["broken"]
    with pytest.raises(SandboxFault, match="the grader itself failed: AttributeError: ours"):
        suite.run(session)


def test_what_broke_the_engine_before_over_this_notebook_is_its_test_s(suite_of, session_of):
    suite = suite_of(
        TESTS
        + """
@question("a")
def test_memory(student):
    \"\"\"B.\"\"\"
    if student.f() == 1:
        raise MemoryError

@question("a")
def test_after(student):
    \"\"\"C.\"\"\"
    assert student.f() == 1
"""
    )
    session = session_of(suite, "def f():\n    return 1")
    with pytest.raises(SandboxFault, match="MemoryError"):
        suite.run(session)
    first, memory, after = suite.run(session_of(suite, "def f():\n    return 1"), broke_before=True)
    assert (first.status, memory.status, after.status) == ("passed", "error", "passed")
    assert "the course staff" in memory.message
    assert any("broke twice" in flag for flag in suite.flags)


MAKES = """
def meta():
    return torch.empty(3, device="meta")

def lots(x):
    return x
"""


IMPORTS = """
from collections import namedtuple
import numpy as np
import pandas as pd
import polars as pl
Record = namedtuple("Record", "thing")
"""


@pytest.mark.parametrize(
    "line",
    [
        "student.lots(student.meta())", "student.lots(torch.empty(3, device='meta'))",
        "student.lots(torch.zeros(1 << 25))",
        "student.lots([0.5] * (1 << 21))", "student.lots(object())", "student.lots(x=object())",
        "student.lots(range(3))",
        "student.lots([1, {'a': (2, object())}])", "student.lots({1, object()})", "student.lots({object(): 1})",
        "student.lots(lambda: 1)", "student.lots(Record(object()))", "student.lots(np.zeros(1, dtype='V8'))",
        "student.lots(np.zeros(1, 'g'))", "student.lots(pd.DataFrame({'a': [1, object()]}))",
        "student.lots(pd.Series([1], name=frozenset()))", "student.lots(pl.Series([[1], [2]]))",
        "remote.value(object())",
        "close(student.lots(1), object())", "close(student.lots([1, 2]), [1, range(2)])", "close(student.lots(1), str)",
        "close(student.lots([1]), given(lambda f: [object()]))", "close(student.lots(1), given(lambda f: object()))",
    ],
)  # fmt: skip
def test_what_cannot_travel_or_be_compared_costs_that_test_and_names_its_line(suite_of, session_of, line):
    text = f'''{IMPORTS}
@question("a")
def test_send(student, remote):
    """A."""
    {line}

@question("a")
def test_after(student):
    """B."""
    assert student.lots(2) == 2
'''
    suite = suite_of(text)
    session = session_of(suite, "import torch\n" + MAKES)
    session.reference = {"lots": lambda x: x}
    outcome, after = suite.run(session)
    assert (outcome.status, after.status) == ("failed", "passed")
    assert "cannot be sent" in outcome.message or "cannot compare" in outcome.message
    [flag] = suite.flags
    number = flag.split("hidden_tests.py, line ")[1].split(":")[0]
    assert f"line {number}: {line}" in outcome.detail


def test_a_test_that_computes_too_long_is_interrupted_and_the_next_one_runs(suite_of, session_of):
    suite = suite_of('''
@question("a")
def test_endless(student):
    """A."""
    rows = student.f()
    while True:
        rows = rows + 0

@question("b")
def test_swallows(student):
    """B."""
    import time
    while student.f() == 1:
        try:
            time.sleep(60)
        except ArithmeticError:
            pass

@question("c")
def test_after(student):
    """C."""
    assert student.f() == 1
''')
    session = session_of(suite, "def f():\n    return 1")
    outcomes = []
    for name in ("test_endless", "test_swallows", "test_after"):
        session.deadline = time.monotonic() + 0.5
        outcomes += suite.run(session, [name])
    assert [outcome.status for outcome in outcomes] == ["timeout", "timeout", "passed"]
    assert "took too long" in outcomes[0].message


def test_waiting_for_student_code_is_not_interrupted(suite_of, session_of):
    """A reply would be left half read; the call has a limit of its own."""
    suite = suite_of(TESTS.replace("student.f() == 1", "student.f() == 1 and student.f() == 1"))
    session = session_of(suite, "import time\ndef f():\n    time.sleep(1.5)\n    return 1")
    session.deadline = time.monotonic() + 0.5
    [outcome] = suite.run(session)
    assert outcome.status in ("timeout", "passed")
    assert suite.flags == ()


def test_a_mistake_in_a_hidden_test_is_a_failed_test(suite_of, session_of):
    suite = suite_of(TESTS.replace("student.f() == 1", "student.f().numel() == 1"))
    [outcome] = suite.run(session_of(suite, "def f():\n    return 'text'"))
    assert outcome.status == "failed"
    assert "AttributeError" in outcome.detail
