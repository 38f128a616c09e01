"""The states that a notebook had at the cells where tests are scored, kept while its cells run.

Theory of operation. Before the first cell behind such a place runs, the slot forks the student process, and the fork is
stopped at once: it holds the state, and runs nothing until the notebook's last cell has run. So no cell's output can
tell of a test, and the cells need not run a second time. A state that was not kept (there were threads, too many
places, a cell that was interrupted or ended the process) is made by running the cells again, as far as the place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Slot

END = -1  # stands for the place behind the last cell, settled for tests


class KeptStates:
    """The states of one student process. A place is the position before which tests are scored."""

    def __init__(self, slot: Slot, places: Collection[int]) -> None:
        self._slot = slot
        self._waiting = sorted(set(places))
        self._found: dict[int, int] = {}  # place -> the slot's number of the state
        self._current: int | None = None  # the place whose state tests are forked from now
        self._last: int | None = None  # the state that was kept since a cell ran

    def before(self, position: int | None) -> None:
        """Keep the state for the places up to this position, whose cell runs next; None: for all that are left."""
        while self._waiting and (position is None or self._waiting[0] <= position):
            place = self._waiting.pop(0)
            if self._last is None:
                with contextlib.suppress(ChannelClosed, ChannelTimeout):  # the next cell finds that out, too
                    self._last = self._slot.keep_state()
            if self._last is not None:
                self._found[place] = self._last
        self._last = None

    def forget(self) -> None:
        """Note that the process is gone, and its states with it."""
        self._found, self._current, self._last = {}, None, None

    def stop(self) -> None:
        """Keep no more: what ran until now is not what would run in a fresh process."""
        self._waiting = []

    def spare_the_others(self) -> None:
        """Let tests of the process's last state be forked from a kept one, too: what ends a test of the process itself
        ends all others that it has forked. Raises ChannelClosed."""
        if self._found and self._current is None:
            state = self._slot.keep_state()
            if state is None:
                self.forget()
            else:
                self._found[END] = state
                self.go_back_to(END)

    def __bool__(self) -> bool:
        return bool(self._found)

    def go_back_to(self, place: int) -> bool:
        """Let tests be forked from the state of this place; return whether it was kept. Places must not fall.

        Raises ChannelClosed, ChannelTimeout where the process is lost.
        """
        if place not in self._found:
            return False
        if self._current is None or self._found[self._current] != self._found[place]:
            self._slot.go_back_to(self._found[place])
        self._current = place
        return True
