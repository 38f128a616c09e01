"""Grades that people gave to the members of one group, merged into the group's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.scoring.score import ManualGrade


def merge_members(
    manual: Mapping[str, Mapping[str, ManualGrade]], members: Sequence[str]
) -> tuple[dict[str, ManualGrade], tuple[str, ...]]:
    """Return one submission's manual grades, and a message for each question on which its members' rows disagree.

    A group hands in once, but nbgrader keeps a row per student: a grade given in one member's row is the group's. Where
    people gave several, the first member's holds, in the order of their ids, until somebody makes them agree.
    """
    merged: dict[str, ManualGrade] = {}
    first: dict[str, str] = {}
    conflicts = []
    for member in sorted(members):
        for question, grade in manual.get(member, {}).items():
            if question not in merged or merged[question].points is None:
                first[question] = member
                merged[question] = grade
            elif grade.points is not None and grade.points != merged[question].points:
                conflicts.append(
                    f"question {question}: the gradebook has {merged[question].points:g} points for {first[question]} "
                    f"and {grade.points:g} for {member} of the same group; the former count"
                )
    return merged, tuple(conflicts)
