"""Hidden tests of the tiny assignment."""

import pytest
from autograder.testing import close, given, question


@question("add")
@pytest.mark.parametrize(("a", "b"), [(2, 5), (-7, 3)])
def test_add(student, a, b):
    """Two numbers are added."""
    assert student.add(a, b) == a + b


@question("add", forbids=True)
def test_nothing(student):
    """Nothing and nothing is nothing."""
    assert student.add(0, 0) == 0


@question("total", builds_on=["add"])
def test_total(student):
    """A list of numbers is summed."""
    values = [3, 1, 4, 1, 5]

    def one_by_one(f):
        result = 0
        for value in values:
            result = f.add(result, value)
        return result

    close(student.total(values), given(one_by_one))


@question("total", forbids=True)
def test_empty(student):
    """The sum of no numbers is 0."""
    assert student.total([]) == 0


@question("quiz")
def test_quiz_1(student):
    """The first quiz question."""
    assert student.value("quiz_1") == "b"
