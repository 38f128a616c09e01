"""How many slots a machine carries: what limits them, in words, and measured with real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.course import load_course
from autograder.runs.capacity import KEPT_FREE, Capacity, measure_capacity

GIB, MIB = 1 << 30, 1 << 20


@pytest.mark.parametrize(
    ("cores", "free", "slots", "words"),
    [
        (
            2,
            KEPT_FREE + 10 * GIB,
            2,
            "2 slots, one a core; memory would carry 7: all slots share 512 MiB, each",
        ),
        (64, KEPT_FREE + 10 * GIB, 7, "7 slots; memory is the limit, not the 64 cores"),
        (4, KEPT_FREE + 2 * GIB, 1, "1 slot; memory is the limit, not the 4 cores"),
        (4, KEPT_FREE, 0, "no slot is safe here"),
        (4, GIB // 2, 0, "no slot is safe here"),
    ],
)
def test_cores_or_memory_are_the_limit(cores: int, free: int, slots: int, words: str) -> None:
    capacity = Capacity("04", cores, free, 512 * MIB, 256 * MIB, GIB)
    assert capacity.slots == slots
    assert words in capacity.sentence()


def test_slots_after_the_first_say_what_every_further_one_takes(course_root: Path) -> None:
    readings = iter([3 * GIB, 4 * GIB, 9 * GIB, 10 * GIB])  # another program took four
    course = load_course(course_root)
    capacity = measure_capacity(course, course_root / "course.yaml", "tiny", "namespace", lambda: next(readings))
    assert capacity.free > 0
    assert (capacity.shared, capacity.slot) == (2 * GIB, GIB)
    assert capacity.student == course.assignment("tiny").limits.memory_bytes


def test_the_command_measures_this_machine(course_root: Path) -> None:
    arguments = ["doctor", "--backend", "namespace", "--slots", "tiny", "--course", str(course_root)]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)["slots"]
    assert found["assignment"] == "tiny"
    assert MIB <= found["slot"] < 2 * GIB
    assert found["free"] > 0
    unknown = CliRunner().invoke(main, [*arguments[:3], "--slots", "nothing", "--course", str(course_root)])
    assert unknown.exit_code == 1
    assert "nothing" in unknown.output
