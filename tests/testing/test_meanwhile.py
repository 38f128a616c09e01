"""`meanwhile`: what is expected is computed while the student process computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

IMPORT = "from pathlib import Path\nimport time\nfrom autograder.testing import meanwhile\n"
WAITS = """
import time
from pathlib import Path

def answer(path):
    '''7 as soon as the file is there.'''
    for _ in range(1000):
        if Path(path).exists():
            return 7
        time.sleep(0.01)
"""


def test_both_sides_compute_at_once(grade: Any, tmp_path: Path) -> None:
    tests = (
        IMPORT
        + f'''
def expectation(path):
    Path(path).touch()
    return 7

@question("q")
def test_a(student):
    """The student's function waits for what the trusted side does meanwhile."""
    path = {str(tmp_path / "computed")!r}
    expected = meanwhile(expectation, path)
    assert not Path(path).exists(), "nothing is computed before there is something to wait for"
    close(student.answer(path), expected)
'''
    )
    [outcome] = grade(tests, "", WAITS)
    assert outcome.status == "passed", outcome


def test_it_is_computed_once_and_without_a_request_when_it_is_asked_for(grade: Any) -> None:
    tests = (
        IMPORT
        + '''
calls = []

def expectation(number):
    calls.append(number)
    return number

@question("q")
def test_a(student):
    """One computation each, the first before the second."""
    first, second = meanwhile(expectation, 1), meanwhile(expectation, 2)
    assert (second.value, second.value, calls) == (2, 2, [2])
    close(student.value("one"), first)
    close(student.value("one"), first)
    assert calls == [2, 1]
    assert student.value("one") == 1 and meanwhile(expectation, 3).value == 3
'''
    )
    [outcome] = grade(tests, "", "one = 1")
    assert outcome.status == "passed", outcome


def test_what_it_raises_is_raised_where_the_value_is_asked_for(grade: Any) -> None:
    tests = (
        IMPORT
        + '''
@question("q")
def test_a(student):
    """The request is not disturbed by it."""
    expected = meanwhile(lambda: [][0])
    assert student.value("one") == 1
    with pytest.raises(IndexError):
        close(1, expected)
    with pytest.raises(IndexError):
        expected.value
'''
    )
    [outcome] = grade(tests, "", "one = 1")
    assert outcome.status == "passed", outcome


def test_a_wrong_answer_fails_as_ever(grade: Any) -> None:
    tests = (
        IMPORT
        + '''
@question("q")
def test_a(student):
    """Two."""
    close(student.value("one"), meanwhile(lambda: 2))
'''
    )
    [outcome] = grade(tests, "", "one = 1")
    assert outcome.status == "failed"
    assert "got 1, expected 2" in outcome.detail


def test_the_students_time_does_not_run_on(suite_of: Any, session_of: Any) -> None:
    tests = (
        IMPORT
        + '''
@question("q")
def test_a(student):
    """Two seconds are enough for them, though we take longer."""
    expected = meanwhile(lambda: time.sleep(2.5) or 1)
    close(student.one(), expected)

@question("r")
def test_b(student):
    """They are not enough for who takes a minute."""
    expected = meanwhile(lambda: time.sleep(2.5) or 1)
    close(student.slow(), expected)
'''
    )
    suite = suite_of(tests, "")
    session = session_of(
        suite,
        "import time\ndef one():\n    time.sleep(0.05)\n    return 1\ndef slow():\n    time.sleep(60)\n    return 1\n",
    )
    session.seconds = 2.0
    assert [str(outcome.status) for outcome in suite.run(session)] == ["passed", "timeout"]


def test_work_of_a_failed_test_is_not_left_for_the_next(grade: Any) -> None:
    tests = (
        IMPORT
        + '''
calls = []

@question("q")
def test_a(student):
    """Fails before anything is asked for."""
    meanwhile(calls.append, 1)
    assert False

@question("r")
def test_b(student):
    """Nothing of the other test runs here."""
    assert student.value("one") == 1 and calls == []
'''
    )
    outcomes = grade(tests, "", "one = 1")
    assert [str(outcome.status) for outcome in outcomes] == ["failed", "passed"]


def test_it_may_not_ask_the_student_process(grade: Any) -> None:
    tests = (
        IMPORT
        + '''
@question("q")
def test_a(student):
    """The request that is under way is not disturbed."""
    expected = meanwhile(lambda: student.value("two"))
    assert student.value("one") == 1 and student.value("two") == 2
    with pytest.raises(TypeError, match="may not ask the student process"):
        expected.value
    sum_of_both = meanwhile(lambda first: first.value + 1, meanwhile(lambda: 1))
    assert student.value("one") == 1 and sum_of_both.value == 2

@question("q")
def test_b(student):
    """A mistake of the author is no protocol that the student broke."""
    close(student.value("one"), meanwhile(lambda: student.value("one")))
'''
    )
    outcomes = grade(tests, "", "one, two = 1, 2")
    assert [str(outcome.status) for outcome in outcomes] == ["passed", "failed"]
    assert "may not ask the student process" in outcomes[1].detail
