"""The engine's own tests, tested: `make mutate`, or this file with names of areas.

Small mistakes are made in the files of `areas.py`, one at a time, by the operators that `autograder validate` uses for
solutions. The tests of a file are collected once; for each mutant this process forks, gives the file's functions the
mutated code (`swap.py`), and runs the tests up to the first that fails. What survives is printed with its diff: write
the test that is missing, or list it in `reviewed.yaml` with the reason why no test can or need tell it. Verdicts are
kept in `.mutate/`, so a run that was stopped goes on where it was; survivors are tried again when tests change. All of
an area takes hours where its tests start processes: `--sample` tries some mutants of each file, and says that it did.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from areas import AREAS
from hypothesis import settings
from ruamel.yaml import YAML
from swap import swap

from autograder.files import write_whole
from autograder.validation.mutants import Mutant, mutated_sources

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEPT = ROOT / ".mutate"
ENOUGH = 0.95  # of the mutants that are not reviewed, killed
PROCESSOR_SECONDS = 60  # of one mutant; more is an endless loop
WALL_SECONDS = 900.0
EXAMPLES = 25  # of a property
SURVIVED, KILLED, TIME, UNTRIED = "survived", "killed", "killed by time", "not tried"


@dataclass
class Verdicts:
    """What became of the mutants of one file: id -> verdict, test; kept on disk."""

    path: Path
    tests: str  # hash of the tests
    found: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: str, tests: Sequence[str]) -> Verdicts:
        digest = hashlib.sha256()
        for path in sorted(
            p for name in tests for p in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
        ):
            digest.update(path.read_bytes())
        verdicts = cls(KEPT / (file.replace("/", ".") + ".json"), digest.hexdigest())
        if verdicts.path.exists():
            kept = json.loads(verdicts.path.read_text())
            again = kept["tests"] != verdicts.tests
            verdicts.found = {
                key: value for key, value in kept["found"].items() if not (again and value[0] in (SURVIVED, UNTRIED))
            }
        return verdicts

    def note(self, mutant: Mutant, verdict: str, test: str) -> None:
        self.found[mutant.id] = [verdict, test]
        KEPT.mkdir(exist_ok=True)
        write_whole(self.path, json.dumps({"tests": self.tests, "found": self.found}).encode())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", help=f"of {', '.join(AREAS)}; all without")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, default=0, help="try this many of each file's mutants, always the same")
    parser.add_argument("--report", action="store_true", help="only say what is known")
    options = parser.parse_args()
    if unknown := set(options.areas) - set(AREAS):
        parser.error(f"there is no area {', '.join(sorted(unknown))}; choose from {', '.join(AREAS)}")
    os.chdir(ROOT)
    enough = True
    for area in options.areas or AREAS:
        for file, tests in AREAS[area].items():
            mutants = drawn(list(mutants_of(file)), options.sample)
            verdicts = Verdicts.read(file, tests)
            waiting = [mutant for mutant in mutants if mutant.id not in verdicts.found]
            if waiting and not options.report:
                run(file, tests, waiting, verdicts, options.jobs)
                verdicts = Verdicts.read(file, tests)
            enough &= report(area, file, mutants, verdicts, sample=bool(options.sample))
    return 0 if enough else 1


def mutants_of(file: str) -> Iterator[Mutant]:
    """Yield the mutants of a file; they are kept as well, because making them takes a minute."""
    source = (ROOT / file).read_text()
    kept = KEPT / f"{hashlib.sha256((file + source).encode()).hexdigest()[:16]}.mutants.json"
    if not kept.exists():
        made = list(mutated_sources(source, set(range(1, source.count("\n") + 2))))
        KEPT.mkdir(exist_ok=True)
        write_whole(kept, json.dumps(made).encode())
    for operator, line, mutated in json.loads(kept.read_text()):
        yield Mutant(file, 0, line, operator, source, mutated)


def drawn(mutants: Sequence[Mutant], most: int) -> list[Mutant]:
    """Return at most so many mutants (all for 0), in their order. A larger sample holds a smaller one."""
    by_chance = sorted(mutants, key=lambda mutant: hashlib.sha256(mutant.id.encode()).digest())
    chosen = {mutant.id for mutant in by_chance[: most or None]}
    return [mutant for mutant in mutants if mutant.id in chosen]


def run(file: str, tests: Sequence[str], mutants: Sequence[Mutant], verdicts: Verdicts, jobs: int) -> None:
    """Try the mutants in a process of its own, so that each file's tests are collected in a fresh one."""
    child = os.fork()
    if child == 0:
        module = file.removesuffix(".py").replace("/", ".")
        chosen = ["-oaddopts=", "-p", "no:terminal", "-p", "no:cacheprovider", "-m", "not slow", *tests]
        os._exit(int(pytest.main(chosen, plugins=[_Trial(module, mutants, verdicts, jobs)])))
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 5):
        sys.exit(f"{file}: its tests do not pass as they are ({' '.join(tests)})")


class _Trial:
    """A pytest plugin that runs the collected tests once for each mutant, in a fork."""

    def __init__(self, module: str, mutants: Sequence[Mutant], verdicts: Verdicts, jobs: int) -> None:
        self._module, self._mutants, self._verdicts, self._jobs = module, mutants, verdicts, jobs
        self._failed = ""
        self._items: list[pytest.Item] = []

    def pytest_sessionstart(self) -> None:
        settings.register_profile("mutate", settings.get_profile("same"), max_examples=EXAMPLES)
        settings.load_profile("mutate")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the order of `areas.py`, the quickest first: the suite begins with what takes longest."""
        self._items = list(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        kept = set(session.items)  # without what is left out
        session.items[:] = [item for item in self._items if item in kept]

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failed:
            self._failed = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        importlib.import_module(self._module)
        if failed := self._in_fork(session, None):
            session.shouldfail = failed[1]
            raise session.Failed(f"without any mutant: {failed}")
        waiting, running, told = list(reversed(self._mutants)), {}, time.monotonic()
        while waiting or running:
            while waiting and len(running) < self._jobs:
                mutant = waiting.pop()
                pid, end = self._start(session, mutant)
                running[end] = (pid, mutant, time.monotonic())
            ready = select.select(list(running), [], [], 5.0)[0]
            for end in ready or [e for e, (_, _, since) in running.items() if time.monotonic() - since > WALL_SECONDS]:
                pid, mutant, _ = running.pop(end)
                self._verdicts.note(mutant, *_outcome(pid, end))
            if time.monotonic() - told > 30:
                print(f"{self._module}: {len(waiting) + len(running)} of {len(self._mutants)} to go", flush=True)
                told = time.monotonic()
        return True

    def _in_fork(self, session: pytest.Session, mutant: Mutant | None) -> tuple[str, str] | None:
        """What the tests say without a mutant; None where they pass."""
        pid, end = self._start(session, mutant)
        select.select([end], [], [], WALL_SECONDS)
        verdict = _outcome(pid, end)
        return None if verdict[0] == SURVIVED else verdict

    def _start(self, session: pytest.Session, mutant: Mutant | None) -> tuple[int, int]:
        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
            return child, reading
        said = b"?"
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            if mutant is not None and not _swapped(self._module, mutant):
                said = UNTRIED.encode()
            else:
                for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if self._failed:
                        break
                said = self._failed.encode() or b"."
        finally:
            os.write(writing, said)
            os._exit(0)


def _swapped(module: str, mutant: Mutant) -> bool:
    """Whether the mutant runs in the module's place. One that cannot even be executed is tried, and fails at once."""
    try:
        return swap(sys.modules[module], mutant.source) > 0
    except ValueError:
        return False


def _outcome(pid: int, end: int) -> tuple[str, str]:
    """Wait for a fork to say which test failed, and end it with all that it left."""
    said = os.read(end, 1 << 16).decode() if select.select([end], [], [], 0)[0] else ""
    os.close(end)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if said == ".":
        return SURVIVED, ""
    if said == UNTRIED:
        return UNTRIED, ""
    return (KILLED, "an exception of its own" if said == "?" else said) if said else (TIME, "")


# -- the report --------------------------------------------------------------------------------


def report(area: str, file: str, mutants: Sequence[Mutant], verdicts: Verdicts, *, sample: bool) -> bool:
    """Print what became of one file's mutants; whether enough of them were killed."""
    listed = [entry for entry in _reviewed() if entry["file"] == file]
    fates = {mutant.id: verdicts.found.get(mutant.id, ["waiting", ""])[0] for mutant in mutants}
    survivors = [mutant for mutant in mutants if fates[mutant.id] == SURVIVED]
    reviewed = [
        m for m in survivors if any(entry["before"] == m.before and entry["after"] == m.after for entry in listed)
    ]
    tried = [mutant for mutant in mutants if fates[mutant.id] not in (UNTRIED, "waiting")]
    killed, meant = len(tried) - len(survivors), len(tried) - len(reviewed)
    rate = killed / meant if meant else 1.0
    for mutant in survivors:
        if mutant not in reviewed:
            print(f"survives: {file}:{mutant.line}, by {mutant.operator}\n{mutant.diff}")
    for entry in () if sample else listed:
        if not any(entry["before"] == mutant.before and entry["after"] == mutant.after for mutant in survivors):
            print(f"reviewed.yaml: no survivor of {file} makes {entry['before']!r} into {entry['after']!r}")
    by_time = sum(fate == TIME for fate in fates.values())
    untried, waiting = (sum(fate == wanted for fate in fates.values()) for wanted in (UNTRIED, "waiting"))
    of = "a sample of " if sample else ""
    print(
        f"{area}: {file}: {of}{len(mutants)} mutants, {killed} killed ({by_time} by time), {len(survivors)} survive, "
        f"{len(reviewed)} of them reviewed, {untried} cannot be tried, {waiting} waiting; after review {rate:.1%}",
        flush=True,
    )
    return rate >= ENOUGH and not waiting


def _reviewed() -> list[dict[str, Any]]:
    path = HERE / "reviewed.yaml"
    found = YAML(typ="safe").load(path.read_text()) if path.exists() else None
    return [{key: str(value).strip() for key, value in entry.items()} for entry in found or []]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
