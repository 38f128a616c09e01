"""Which version of an assignment's hidden tests graded a submission."""

from __future__ import annotations

import hashlib

from autograder.course.course import Assignment


def tests_sha256(assignment: Assignment) -> str:
    """Return SHA-256 over every Python file in the assignment's solution folder (not its bank) and its public files.

    A submission whose evidence has another value is graded again.
    """
    digest = hashlib.sha256()
    for path in (*sorted(assignment.solution_dir.glob("*.py")), *sorted(assignment.beside.values())):
        data = path.read_bytes()
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
