"""Who is next: urgent work first, and turns among those who ask."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autograder.workers.fair_queue import FairQueue

asked = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30)


def filled(entries: list[tuple[str, bool]]) -> FairQueue[tuple[int, str, bool]]:
    queue: FairQueue[tuple[int, str, bool]] = FairQueue()
    for number, (who, urgent) in enumerate(entries):
        queue.put((number, who, urgent), who=who, urgent=urgent)
    return queue


def test_one_student_with_many_hand_ins_does_not_hold_up_the_others() -> None:
    queue = filled([*[("ada", True)] * 5, ("bo", True), ("cy", True)])
    order = [item[1] for _ in range(7) if (item := queue.take()) is not None]
    assert order == ["ada", "bo", "cy", "ada", "ada", "ada", "ada"]


def test_a_batch_run_waits_for_hand_ins() -> None:
    queue = filled([("batch", False), ("batch", False), ("ada", True)])
    assert [queue.take(), queue.take()] == [(2, "ada", True), (0, "batch", False)]
    assert queue.waiting(urgent=False) == 1


def test_what_does_not_suit_is_left_in_its_place() -> None:
    queue = filled([("ada", True), ("bo", True)])
    assert queue.take(lambda item: item[1] == "bo") == (1, "bo", True)
    assert queue.take(lambda item: False) is None
    assert len(queue) == 1


@given(asked)
def test_everything_comes_out_once_in_order_and_in_turns(entries: list[tuple[str, bool]]) -> None:
    queue = filled(entries)
    assert len(queue) == len(entries)
    out = [item for _ in range(len(entries)) if (item := queue.take()) is not None]
    assert queue.take() is None
    assert sorted(out) == [(number, who, urgent) for number, (who, urgent) in enumerate(entries)]
    assert [urgent for _, _, urgent in out] == sorted((urgent for _, _, urgent in out), reverse=True)
    for one in "abc":
        for urgent in (True, False):
            mine = [number for number, who, fast in out if (who, fast) == (one, urgent)]
            assert mine == sorted(mine), "what one person asked for keeps its order"
    for urgent in (True, False):
        line = [who for _, who, fast in out if fast == urgent]
        for place, (first, second) in enumerate(pairwise(line)):
            if first == second:
                assert set(line[place:]) == {first}, "nobody is served twice in a row while another waits"
