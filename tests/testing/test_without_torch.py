"""Torch is an extra: importing the engine imports no torch, so that a course without it starts, and starts soon.

Nor does it import nbgrader, which takes a second, before a release is made or a gradebook is written.
"""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import autograder.grading.grader, autograder.suite.suite, autograder.testing, autograder.workers.worker
import autograder.sandbox.inside.process.zygote, autograder.commands.grade, autograder.commands.validate
import autograder.commands.report, autograder.commands.similar, autograder.commands.release, autograder.commands.check
print(sorted({"torch", "pandas", "matplotlib", "nbgrader"} & set(sys.modules)))
"""


def test_the_engine_imports_no_library_of_a_course() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", (
        "a module of the engine imports it at its top: an extra is imported where it is met"
    )
