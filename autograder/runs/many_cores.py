"""Work on many submissions by all cores of this machine: no student code, only what follows from evidence.

The processes are forks, so that what the work needs (course, rules, grades by hand) is there without being sent; what
they return travels by pickle, between processes of ours. Results come in the order of the items, so a run on one core
and a run on many say and write the same.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from autograder.workers.cores import default_workers

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

_FEW = 64  # items for which starting processes takes longer than it saves
_CHUNK = 16

_work: Callable[[Any], Any]  # of this process, which was forked for it


def on_all_cores(
    work: Callable[[_Item], _Done], items: Sequence[_Item], *, cores: int | None = None
) -> Iterator[_Done]:
    """Yield `work(item)` for each item in turn, computed by several processes where there are many items.

    Must be called where no other thread runs. What `work` changes in memory is lost; what it raises is raised here.
    cores: how many processes; all cores that this process may use without it.
    """
    cores = default_workers() if cores is None else cores
    if cores == 1 or len(items) < _FEW:
        yield from map(work, items)
        return
    executor = ProcessPoolExecutor(
        cores, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(work,)
    )
    try:
        yield from executor.map(_do, items, chunksize=_CHUNK)
    finally:
        executor.shutdown(cancel_futures=True)


def _begin(work: Callable[[Any], Any]) -> None:
    """Ctrl-C is for the process that started this one, which ends it in its own time."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work = work


def _do(item: Any) -> Any:
    return _work(item)
