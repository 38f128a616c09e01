"""Every target holds for the seeds of fuzzing, for what once broke it, and for bytes drawn here.

`make fuzz` goes on from there, guided by coverage.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeds import CRASHES, seeds
from targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_kept_crashes_hold(name: str) -> None:
    found = seeds(name)
    assert len(found) >= 3
    for data in found:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_with_a_few_other_bytes_hold(name: str) -> None:
    begin = seeds(name)

    @given(st.sampled_from(begin), st.lists(st.tuples(st.integers(0, 4096), st.integers(0, 255)), max_size=4))
    def holds(data: bytes, changes: list[tuple[int, int]]) -> None:
        changed = bytearray(data)
        for place, value in changes:
            if changed:
                changed[place % len(changed)] = value
        TARGETS[name](bytes(changed))

    holds()


@pytest.mark.parametrize("name", ["markdown", "formgrader"])
@given(st.binary(max_size=30))
def test_pieces_of_markdown_hold_wherever_they_meet(name: str, pieces: bytes) -> None:
    TARGETS[name](b"\xfe" + pieces)


def test_crashes_are_kept_under_a_targets_name() -> None:
    assert {path.name for path in CRASHES.iterdir() if path.is_dir()} <= set(TARGETS)
