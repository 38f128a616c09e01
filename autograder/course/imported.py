"""What an import noted beside the master: the names that the cells had in the notebooks of another grader.

`solutions/<assignment>/imported.json` is written by `autograder import`. With it, notebooks that students made from
the other grader's release are matched cell by cell, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from autograder.course.course import Assignment

FILE = "imported.json"


def foreign_grade_ids(assignment: Assignment) -> Mapping[str, str]:
    """Return the other grader's grade_id -> ours; empty for an assignment that was not imported."""
    path = assignment.solution_dir / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["grade_ids"]
        return {str(foreign): str(own) for foreign, own in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: cannot be read; import the assignment again ({type(error).__name__})") from error
