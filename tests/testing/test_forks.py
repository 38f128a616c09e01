"""Forks for tests: shared while tests pass, and never by a test whose text the fork has read."""

from __future__ import annotations

from typing import Any, cast

import pytest

from autograder.sandbox.interface import ChannelClosed
from autograder.testing.forks import Forks
from autograder.testing.session import TestSession


class Process:
    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost

    def left_nothing(self) -> bool:
        return True

    def request(self, op: str) -> Any:
        raise ChannelClosed("exited")


class Session:
    def __init__(self, *, lost: bool = False) -> None:
        self.forked = self.ended = 0
        self._lost = lost

    def fork(self) -> Process:
        self.forked += 1
        return Process(lost=self._lost)

    def end_test(self) -> None:
        self.ended += 1


def test_a_fork_is_shared_while_tests_pass() -> None:
    session = Session()
    forks = Forks(cast(TestSession, session))
    for _ in range(2):
        forks.take()
        forks.used("call")
        forks.settle(passed=True)
    assert (session.forked, session.ended) == (1, 0)


def test_a_retired_fork_ends_with_its_test_though_it_passed() -> None:
    session = Session()
    forks = Forks(cast(TestSession, session))
    forks.take()
    forks.retire()
    forks.settle(passed=True)
    assert session.ended == 1
    forks.take()
    forks.settle(passed=True)
    assert (session.forked, session.ended) == (2, 1), "only that one"


def test_a_lost_process_is_told_again() -> None:
    forks = Forks(cast(TestSession, Session(lost=True)))
    forks.raise_if_lost()  # nothing was forked, so nothing is lost
    forks.take()
    with pytest.raises(ChannelClosed):
        forks.raise_if_lost()
