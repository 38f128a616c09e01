"""Where in a submission a released cell's tests are scored."""

from __future__ import annotations

import pytest

from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.grading.placed import positions_of_places
from autograder.grading.student_run import Step
from autograder.notebooks.matching import CellMatch, Matching

RELEASED = (
    ReleasedCell(id="blank_a", grade_id="blank_a", cell_type="code", tags=(), source=""),
    ReleasedCell(id="check_a", grade_id="check_a", cell_type="code", tags=("check",), source=""),
    ReleasedCell(id="blank_b", grade_id="blank_b", cell_type="code", tags=(), source=""),
    ReleasedCell(id="check_b", grade_id="check_b", cell_type="code", tags=("check",), source=""),
)
BY_ID = {cell.id: cell for cell in RELEASED}


@pytest.mark.parametrize(
    ("cells", "check_a", "check_b"),
    [
        (["blank_a", "check_a", "blank_b", "check_b"], 1, 3),
        (["blank_a", "", "check_a", "blank_b", "check_b", ""], 2, 4),
        (["blank_a", "check_a", "check_a", "blank_b", "check_b"], 2, 4),  # the last copy
        (["blank_a", "blank_b", ""], 1, 2),  # checks deleted: behind the blanks
        (["", "", "blank_b", "check_b"], 2, 3),  # an answer that nobody recognises: before the next cell
        (["", ""], 2, 2),  # nothing is recognised: after the last cell
    ],
)
def test_places(cells: list[str], check_a: int, check_b: int) -> None:
    matches = tuple(CellMatch(index, BY_ID.get(id)) for index, id in enumerate(cells))
    steps = [Step(index, "pass") for index in range(len(cells))]
    found = positions_of_places(Matching(ReleaseDescriptor("r", RELEASED, {}), matches), steps)
    assert (found["check_a"], found["check_b"]) == (check_a, check_b)


def test_without_a_release_there_are_no_places() -> None:
    assert positions_of_places(Matching(None, ()), []) == {}
