"""Who is next: hand-ins that somebody waits for before batch runs, and nobody twice while another waits.

Theory of operation
===================

Work waits in one of two classes. Everything urgent (a person waits for the answer) comes before everything that is
not (a batch run). Within a class those who ask take turns: who was served last stands behind everybody else who waits,
so that one student who hands in ten times does not make nine others wait ten times as long.

The queue does not block. Whoever takes from it may say which entries suit it; the first that suits is taken.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """A queue with two classes and turns within each. Not safe for several threads without a lock of the caller's."""

    def __init__(self) -> None:
        self._waiting: dict[bool, OrderedDict[str, deque[T]]] = {True: OrderedDict(), False: OrderedDict()}

    def put(self, item: T, *, who: str, urgent: bool) -> None:
        """Add one item for `who`, behind what they wait for already."""
        self._waiting[urgent].setdefault(who, deque()).append(item)

    def take(self, suits: Callable[[T], bool] = lambda item: True) -> T | None:
        """Remove and return the next item that suits; None if none does."""
        for line in self._waiting.values():
            for who, items in line.items():
                if suits(items[0]):
                    item = items.popleft()
                    line.move_to_end(who)  # everybody else's turn comes first
                    if not items:
                        del line[who]
                    return item
        return None

    def __iter__(self) -> Iterator[T]:
        """Yield everything that waits, urgent first; the order within a class is by who asked."""
        for line in self._waiting.values():
            for items in line.values():
                yield from items

    def __len__(self) -> int:
        return sum(len(items) for line in self._waiting.values() for items in line.values())

    def waiting(self, *, urgent: bool) -> int:
        """Return how many items of one class wait."""
        return sum(len(items) for items in self._waiting[urgent].values())
