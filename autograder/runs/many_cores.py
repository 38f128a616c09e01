"""Work on many submissions by all cores of this machine: no student code, only what follows from evidence.

The processes are forks, so that what the work needs (course, rules, grades by hand) is there without being sent; what
they return travels by pickle, between processes of ours. Results come in the order of the items, so a run on one core
and a run on many say and write the same.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

from autograder.sandbox.inside.process import linux
from autograder.workers.cores import default_workers

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")

_FEW = 64  # items for which starting processes takes longer than it saves
_CHUNK = 16
_AHEAD = 4  # chunks a process that are handed out or wait to be fetched: those of a whole class would fill the memory

_work: Callable[[Any], Any]  # of this process, which was forked for it


def on_all_cores(
    work: Callable[[_Item], _Done], items: Iterable[_Item], *, cores: int | None = None
) -> Iterator[_Done]:
    """Yield `work(item)` for each item in turn, computed by several processes where there are many items.

    Items are taken as they are needed, and no more is done ahead than keeps all processes busy. Must be called where no
    other thread runs. What `work` changes in memory is lost; what it raises is raised here.
    cores: how many processes; all cores that this process may use without it.
    """
    cores = default_workers() if cores is None else cores
    taken = iter(items)
    first = list(islice(taken, _FEW))
    if cores == 1 or len(first) < _FEW:
        yield from map(work, chain(first, taken))
        return
    gc.freeze()  # what is there stays: no process goes through it, and copies its pages for that
    executor = ProcessPoolExecutor(
        cores, mp_context=multiprocessing.get_context("fork"), initializer=_begin, initargs=(work, os.getpid())
    )
    under_way: deque[Future[list[_Done]]] = deque()
    try:
        for chunk in _chunks(chain(first, taken)):
            if len(under_way) == cores * _AHEAD:
                yield from under_way.popleft().result()
            under_way.append(executor.submit(_do, chunk))
        while under_way:
            yield from under_way.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
        gc.unfreeze()


def _chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    taken = iter(items)
    while chunk := list(islice(taken, _CHUNK)):
        yield chunk


def _begin(work: Callable[[Any], Any], parent: int) -> None:
    """Leave Ctrl-C to the process that started this one, which ends it in its own time. Where that one is killed, this
    one ends with it: it would wait for work for ever, and hold whatever lock it was forked with.
    """
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before this one asked to be told
        os._exit(1)
    _work = work


def _do(chunk: list[Any]) -> list[Any]:
    return [_work(item) for item in chunk]
