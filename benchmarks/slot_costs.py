"""What a slot costs: start-up, one student process, one test's fork, one request. Prints medians and the best.

python benchmarks/slot_costs.py [--backend namespace] [--preload torch,numpy] [--rounds 50]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.student import StudentProcess

WARM_UP = 3


def measure(rounds: int, action: Callable[[], None], before: Callable[[], None] = lambda: None) -> list[float]:
    """Seconds of each run of `action`, each after one of `before` that does not count."""
    taken = []
    for _ in range(WARM_UP + rounds):
        before()
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return taken[WARM_UP:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=("namespace", "none", "auto"), default="namespace")
    parser.add_argument("--preload", default="torch,numpy", help="modules, separated by commas")
    parser.add_argument("--rounds", type=int, default=50)
    arguments = parser.parse_args()
    limits = Limits()
    config = SlotConfig([name for name in arguments.preload.split(",") if name], [], limits)

    begun = time.perf_counter()
    slot = open_slot(arguments.backend, config)
    print(f"backend {slot.backend}, preload {arguments.preload}, load of the machine {os.getloadavg()[0]:.1f}")
    print(f"{'open_slot':34}{time.perf_counter() - begun:10.2f} s")
    try:
        show(
            "start_student",
            measure(arguments.rounds, lambda: drop(slot.start_student()), lambda: drop(slot.end_student())),
        )
        show(
            "end_student",
            measure(arguments.rounds, lambda: drop(slot.end_student()), lambda: drop(slot.start_student())),
        )
        student = StudentProcess(slot.start_student(), limits)
        student.run_cell("def same(x): return x", 0, 5)
        show("request (names)", measure(arguments.rounds * 4, lambda: drop(student.request("names"))))
        for size in (200_000, 2_000_000):
            tensor = _tensor(size)
            label = f"call there and back, {size * 4 / 1e6:.1f} MB"
            show(label, measure(arguments.rounds // 4 + 1, lambda: drop(student.ask("call", [tensor], name="same"))))  # noqa: B023
        show("fork_test", measure(arguments.rounds, lambda: drop(slot.fork_test()), slot.end_test))
        show("end_test", measure(arguments.rounds, slot.end_test, lambda: drop(slot.fork_test())))
        print(f"{'peak memory of a student process':34}{slot.end_student().peak_memory_bytes / 2**20:10.0f} MiB")
    finally:
        slot.close()


def _tensor(size: int) -> object:
    import numpy

    return numpy.zeros(size, dtype="float32")


def drop(_: object) -> None:
    """Measured for its time alone."""


def show(label: str, taken: list[float]) -> None:
    print(f"{label:34}{statistics.median(taken) * 1000:10.2f} ms   best {min(taken) * 1000:8.2f} ms")


if __name__ == "__main__":
    main()
