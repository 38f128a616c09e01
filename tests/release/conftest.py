from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course

COURSE = """\
title: Small
fast_variable: SMALL_FAST
assignments:
  - name: 01_small
    title: Small things
    public_files: [shared/given_code.py]
    questions:
      - {id: double, title: Double, points: 2, kind: tests}
      - {id: repair, title: Repair, points: 1.5, kind: tests}
      - {id: quiz, title: Quiz, points: 2, kind: quiz}
      - {id: essay, title: Essay, points: 3, kind: manual}
"""

MASTER = '''\
# %% [markdown] nbgrader={"grade_id": "intro", "locked": true}
# # Small things

# %% tags=["setup"]
import math

# %% tags=["given"]
def broken_mean(values):
    total_of_values = sum(values) + 0
    return total_of_values / (len(values) + 1)

# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twice_the_number = x + x
    return twice_the_number
    ### END SOLUTION

# %% tags=["check"] nbgrader={"grade_id": "check_double", "grade": true}
assert double(2) == 4, "twice two is four"
### BEGIN HIDDEN TESTS
assert double(-1.5) == -3.0 and double("ab") == "abab"
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "repair", "solution": true}
def mean(values):
    ### BEGIN STARTER
    # total_of_values = sum(values) + 0
    # return total_of_values / (len(values) + 1)
    ### END STARTER
    ### BEGIN SOLUTION
    total_of_values = sum(values) + 0
    return total_of_values / max(1, len(values))
    ### END SOLUTION

# %% tags=["check"] nbgrader={"grade_id": "check_repair", "grade": true}
assert mean([1, 3]) == 2

# %% [markdown]
# Which?

# %% nbgrader={"grade_id": "quiz_1", "solution": true}
quiz_1 = None  # one of "a", "b"
### BEGIN SOLUTION
quiz_1 = "b"  # because of the evidence
### END SOLUTION

# %% nbgrader={"grade_id": "quiz_2", "solution": true}
quiz_2 = None  # one of "a", "b"
### BEGIN SOLUTION
quiz_2 = "a"
### END SOLUTION

# %% tags=["check"] nbgrader={"grade_id": "check_quiz", "grade": true}
assert quiz_1 in ("a", "b") and quiz_2 in ("a", "b")

# %% tags=["train"]
print("a long time")

# %% [markdown] nbgrader={"grade_id": "essay", "grade": true, "solution": true}
# Why? Two sentences.
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - evidence (2): quotes the number from the figure
# ### END MARK SCHEME
'''


@pytest.fixture
def master_text() -> str:
    return MASTER


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Assignment]:
    """Writes the small course with the given master, and returns its assignment."""

    def write(master: str = MASTER, course: str = COURSE) -> Assignment:
        (tmp_path / "shared").mkdir(exist_ok=True)
        (tmp_path / "shared/given_code.py").write_text("PUBLIC = 1\n")
        (tmp_path / "course.yaml").write_text(course)
        folder = tmp_path / "solutions/01_small"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "solution.py").write_text(master, encoding="utf-8")
        return load_course(tmp_path).assignment("01_small")

    return write
