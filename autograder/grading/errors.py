"""What stops grading before it begins."""

from __future__ import annotations


class GraderError(Exception):
    """The assignment cannot be graded as it is: its tests, solution or releases are wrong. A worker says `Failed`."""
