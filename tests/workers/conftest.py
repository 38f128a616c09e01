"""Workers, pools and lanes, with the tiny course and real slots. The course is the one of the tests of runs."""

from tests.runs.conftest import command, course_root, few, sixty, solution

__all__ = ["command", "course_root", "few", "sixty", "solution"]
