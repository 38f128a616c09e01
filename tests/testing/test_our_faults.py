"""What breaks in the engine while a hidden test runs is a fault of ours, never a failed test."""

from __future__ import annotations

from pathlib import Path

import pytest

import autograder.grading.quiet
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
    engine = Path(autograder.grading.quiet.__file__)
    names: dict[str, object] = {}
    exec(compile("def broken():\n    raise AttributeError('ours')\n", str(engine), "exec"), names)  # noqa: S102
    session.fork = names["broken"]
    with pytest.raises(SandboxFault, match="the grader itself failed: AttributeError: ours"):
        suite.run(session)


def test_a_mistake_in_a_hidden_test_is_a_failed_test(suite_of, session_of):
    suite = suite_of(TESTS.replace("student.f() == 1", "student.f().numel() == 1"))
    [outcome] = suite.run(session_of(suite, "def f():\n    return 'text'"))
    assert outcome.status == "failed"
    assert "AttributeError" in outcome.detail
