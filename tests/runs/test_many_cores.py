"""Work by all cores: in order, with what the process knows, and with its errors; nothing is left when it ends early."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from itertools import count

import pytest

from autograder.results.lock import StoreError
from autograder.runs.many_cores import on_all_cores


def test_results_come_in_the_order_of_the_items_from_several_processes() -> None:
    factor = 3  # known to the processes without being sent
    done = list(on_all_cores(lambda n: (n * factor, os.getpid()), range(500), cores=3))
    assert [value for value, _ in done] == [3 * n for n in range(500)]
    assert os.getpid() not in {process for _, process in done}


def test_few_items_start_no_process() -> None:
    assert set(on_all_cores(lambda n: os.getpid(), range(10), cores=3)) == {os.getpid()}


def test_one_core_starts_no_process() -> None:
    assert set(on_all_cores(lambda n: os.getpid(), range(500), cores=1)) == {os.getpid()}


def test_what_the_work_raises_is_raised_here() -> None:
    def damaged(n: int) -> int:
        if n == 321:
            raise StoreError("s321: damaged")
        return n

    with pytest.raises(StoreError, match="s321: damaged"):
        list(on_all_cores(damaged, range(500), cores=2))
    assert not multiprocessing.active_children()


def test_a_run_that_ends_early_leaves_no_process() -> None:
    work = on_all_cores(lambda n: n, range(5000), cores=2)
    assert next(work) == 0
    work.close()
    assert not multiprocessing.active_children()


def test_items_are_taken_as_they_are_needed() -> None:
    taken = count()
    work = on_all_cores(lambda n: n, taken, cores=2)
    assert [next(work) for _ in range(100)] == list(range(100))
    work.close()
    assert next(taken) < 1000


def test_nobody_outlives_a_killed_run() -> None:
    code = """
import os, time
from autograder.runs.many_cores import on_all_cores
for pid in on_all_cores(lambda n: time.sleep(n // 64) or os.getpid(), range(500), cores=2):
    print(pid, flush=True)
"""
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert run.stdout is not None
    assert run.stdout.readline()
    run.send_signal(signal.SIGKILL)
    run.stdout.read()  # until nobody holds the other end any more
    run.wait()
