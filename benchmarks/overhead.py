"""What grading costs beside what the student's own code computes: overhead / own compute, in processor time.

    python -m benchmarks.overhead [--rounds 20] [--blocks 3] [--beside REF]

One slot grades copies of one solved notebook, and everything is written as `autograder grade` writes it. The processor
time of a submission is that of all its processes, in four parts:

- own compute: the same cells and calls in one warmed process without forks. One grading is recorded, request by
  request; a process prepared as the zygote is answers the same requests again and again, each time with a new
  notebook's namespace. What counts is the time in cells and in the called code: not the wire, not the arguments'
  decoding, nothing that tests ask about names and states. Measured in the forks of a grading, the first touch of their
  memory would count as the student's;
- slot: everything else in the relay, the zygote and the student's processes: forks, confinement, wire, end;
- worker: hidden tests, expectations, wire, collection and judgement;
- results: evidence kept, result and page derived and written.

Blocks alternate between this tree and, with `--beside`, the same of another version of this repository. Processor time
of processes that have ended comes in steps of 10 ms, so a block's sum counts, not its single rounds; the medians of
the blocks are printed, with the load of the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from autograder.sandbox.inside.answers.requests import Interpreter
from autograder.sandbox.inside.wire.protocol import RawArray
from autograder.sandbox.inside.wire.values import HandleRef
from autograder.sandbox.student import StudentProcess

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = {
    "four questions": ("benchmarks/peer_course/course.yaml", "blocks"),
    "03_separable": ("course.yaml", "03_separable"),
    "04_distillation": ("course.yaml", "04_distillation"),
}
PARTS = ("own", "slot", "worker", "results")
WARM_UP = 3
OWN = {"run_cell", "call", "call_handle", "method", "gradient", "make"}  # operations that run the student's code


class Asked(NamedTuple):
    """One request of a grading, and the numbers of the objects that the answer named."""

    op: str
    fields: dict[str, Any]
    arrays: tuple[RawArray, ...]
    handles: tuple[int, ...]


def _handles(value: Any) -> Iterator[int]:
    """Yield the numbers of all objects that an answer names, in a fixed order."""
    if isinstance(value, HandleRef):
        yield value.number
    elif isinstance(value, dict):
        for one in value.values():
            yield from _handles(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _handles(one)


@contextmanager
def recording() -> Iterator[list[Asked]]:
    """Give the list of what is asked of student processes meanwhile."""
    asked: list[Asked] = []
    whole = StudentProcess.request

    def request(self: StudentProcess, op: str, seconds: float | None = None, arrays: Sequence[RawArray] = (),
                **fields: Any) -> Any:  # fmt: skip
        seed = {} if self._seed is None else {"seed": self._seed}
        value = whole(self, op, seconds, arrays, **fields)
        asked.append(Asked(op, seed | fields, tuple(arrays), tuple(_handles(value))))
        return value

    StudentProcess.request = request  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        StudentProcess.request = whole  # type: ignore[method-assign]


class TimedInterpreter(Interpreter):
    """An interpreter that knows how long student code ran; the arguments' decoding is not the student's."""

    own = 0.0

    def _arguments(self, request: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        began = time.process_time()
        try:
            return super()._arguments(request)
        finally:
            self.own -= time.process_time() - began


def own_seconds(preload: Sequence[str], public: Sequence[str], asked: Sequence[Asked], rounds: int) -> float:
    """Return the processor seconds of the cells and calls alone: the median of some rounds in this warmed process."""
    from autograder.sandbox.inside.process.zygote import prepare
    from autograder.sandbox.inside.shell.cells import Shell
    from autograder.sandbox.inside.wire.config import InsideConfig

    with tempfile.TemporaryDirectory() as scratch:
        sys.path.append("")  # `prepare` takes the entry away by which its package was found
        sys.path[:0] = [os.path.dirname(path) for path in public]
        before = list(sys.path)
        prepare(InsideConfig(preload=tuple(preload), import_paths=(), confined=False, scratch=scratch))
        sys.path[:] = before
        os.chdir(scratch)
        took = []
        for _ in range(WARM_UP + rounds):
            interpreter = TimedInterpreter(Shell(1 << 20, os.path.join(scratch, "terminal")))
            answer_all(interpreter, asked)
            took.append(interpreter.own)
        return statistics.median(took[WARM_UP:])


def answer_all(interpreter: TimedInterpreter, asked: Sequence[Asked]) -> None:
    """Answer every request. Objects have other numbers here, where no fork begins to count again."""
    import io

    from autograder.sandbox.inside.wire.decoder import Decoder
    from autograder.sandbox.inside.wire.protocol import MAX_BODY_BYTES, read_frame

    numbers: dict[int, int] = {}
    for number, one in enumerate(asked):
        header = {"id": number, "op": one.op, **_renumbered(one.fields, numbers)}
        before, began = interpreter.own, time.process_time()
        frame = interpreter.answer(header, list(one.arrays))
        spent = time.process_time() - began
        reply, arrays = read_frame(io.BytesIO(frame).read, MAX_BODY_BYTES)
        if not reply["ok"]:
            raise SystemExit(f"{one.op} {one.fields}: {reply['error']}")
        if one.op in OWN:
            interpreter.own += spent
        else:
            interpreter.own = before
        value = Decoder(arrays, lambda reference: reference).decode(reply["value"])
        numbers.update(zip(one.handles, _handles(value), strict=True))


def _renumbered(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, dict):
        return {
            key: numbers[one] if key == "handle" and isinstance(one, int) else _renumbered(one, numbers)
            for key, one in value.items()
        }
    return [_renumbered(one, numbers) for one in value] if isinstance(value, list) else value


def block(title: str, rounds: int) -> dict[str, float]:
    """Return the mean processor seconds of each part, of `rounds` submissions, by the package that is imported here."""
    from autograder.course.course import load_course
    from autograder.grading.grader import Grader
    from autograder.grading.machine_lock import MachineLock
    from autograder.records import SubmissionInfo
    from autograder.results.from_evidence import Reason, Rules, derive
    from autograder.results.store import Store
    from autograder.sandbox.choose import open_slot
    from autograder.sandbox.interface import SlotConfig
    from benchmarks.sandboxes import processor_seconds
    from benchmarks.throughput import ROOT as TREE
    from benchmarks.throughput import solved

    file, name = ASSIGNMENTS[title]
    course = load_course(TREE / file)
    assignment = course.assignment(name)
    config = SlotConfig((*assignment.preload, "numpy.random"), assignment.public_paths, assignment.limits)
    book = solved(TREE / file, name)
    rules, total = Rules(course, assignment), dict.fromkeys(("slot", "worker", "results"), 0.0)
    asked: list[Asked] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(Store(folder / "results"))
        quiet = stack.enter_context(MachineLock(None))
        slot = stack.enter_context(closing(open_slot("namespace", config)))
        grader = stack.enter_context(Grader(assignment, slot, b"k" * 32, quiet))
        for number in range(WARM_UP + rounds):
            cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
            data = json.dumps({**book, "cells": [*book["cells"], cell | {"source": f"# {number}"}]}).encode()
            info = SubmissionInfo(subject=f"s{number}", notebook_sha256=hashlib.sha256(data).hexdigest())
            with recording() if number == WARM_UP - 1 else ExitStack() as noted:
                all_before, here_before = processor_seconds(slot), time.process_time()
                graded = grader.grade(info, data)
                all_after, here_after = processor_seconds(slot), time.process_time()
            asked = noted if isinstance(noted, list) else asked
            kept = store.keep(graded.evidence, data, graded.outputs)
            made = derive(kept, data, graded.outputs, rules, Reason("benchmark", "graded", datetime.now(UTC)))
            store.write_derived(made.result, made.feedback, made.event)
            if number >= WARM_UP:
                total["worker"] += here_after - here_before
                total["slot"] += all_after - all_before - (here_after - here_before)
                total["results"] += time.process_time() - here_after
        if kept.outcome != "graded":
            raise SystemExit(f"{title}: {kept.outcome}, {kept.reason}")
        recorded = folder / "asked.pickle"
        recorded.write_bytes(pickle.dumps((config.preload, [str(path) for path in assignment.public_paths], asked)))
        own = float(_python(["--own", str(recorded), "--rounds", str(rounds)], TREE))
    mean = {part: seconds / rounds for part, seconds in total.items()}
    return mean | {"own": own, "slot": mean["slot"] - own}


def _python(arguments: Sequence[str], tree: Path) -> str:
    """Run this file with the package of a tree; returns what it prints."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], env=os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="Submissions of a block.")
    parser.add_argument("--blocks", type=int, default=3)
    parser.add_argument("--beside", metavar="REF", help="Another version of this repository, to take turns with.")
    parser.add_argument("--only", choices=sorted(ASSIGNMENTS), action="append")
    parser.add_argument("--block", choices=sorted(ASSIGNMENTS), help=argparse.SUPPRESS)
    parser.add_argument("--own", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.own:
        preload, public, asked = pickle.loads(arguments.own.read_bytes())  # noqa: S301 - this program wrote it
        print(own_seconds(preload, public, asked, arguments.rounds))
    elif arguments.block:
        print(json.dumps(block(arguments.block, arguments.rounds)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            trees = {"this": ROOT}
            if arguments.beside:
                trees[arguments.beside] = other = Path(folder)
                packed = subprocess.run(
                    ["git", "archive", arguments.beside], cwd=ROOT, stdout=subprocess.PIPE, check=True
                )
                subprocess.run(["tar", "x"], cwd=other, input=packed.stdout, check=True)
            _compare(trees, arguments.only or list(ASSIGNMENTS), arguments.blocks, arguments.rounds)


def _compare(trees: dict[str, Path], titles: Sequence[str], blocks: int, rounds: int) -> None:
    print(f"{'milliseconds':18}{'version':>10}" + "".join(f"{part:>9}" for part in PARTS) + f"{'overhead / own':>16}")
    for title in titles:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
        for number in range(blocks):
            for name in sorted(trees, reverse=number % 2 == 1):
                found[name].append(
                    json.loads(_python(["--block", title, "--rounds", str(rounds)], trees[name]).splitlines()[-1])
                )
        for name, each in found.items():
            row = {part: 1000 * statistics.median(one[part] for one in each) for part in PARTS}
            ratio = statistics.median((one["slot"] + one["worker"] + one["results"]) / one["own"] for one in each)
            print(f"{title:18}{name[:9]:>10}" + "".join(f"{row[part]:9.1f}" for part in PARTS) + f"{ratio:16.2f}",
                  flush=True)  # fmt: skip
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
