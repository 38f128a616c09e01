"""A thousand submissions, one in twenty hostile, with two slots: in containers, then in namespaces.

    python -m benchmarks.thousand [--count 1000] [--jobs 2] [--backend container --backend namespace]

Honest submissions are the four-question notebook, right or with one of seven mistakes, each a file of its own; the
hostile ones are cases of tests/adversary, spread over the whole bank. Fails unless, in each run,

- each submission has one result, one attempt and one event: none lost, none doubled;
- copies of one notebook all have the same score, in both sandboxes, and no honest one is suspected;
- hostile ones get what their headers allow, and no canary is in anything that was written;
- processes, mounts, descriptors and memory are at the end what they were after a tenth;
- nothing is left on the host.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import secrets
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click
import psutil

from benchmarks.peer_submissions import MISTAKES
from benchmarks.throughput import ROOT

sys.path.insert(0, str(ROOT / "tests" / "adversary"))

import bank

from autograder.sandbox.backends.container_engine import find_engine

EVERY = 20  # each of these is hostile
VARIANTS = tuple(
    n for n in range(len(MISTAKES)) if n != 6
)  # of 50 random answers the least likely may be right as often
SAMPLE_SECONDS = 0.5
LEAST = 500  # submissions from which growth can be told from start-up: libraries are loaded at their first use
LIMIT_SECONDS = 5400.0
GROWTH = {"processes": (0, 0.0), "mounts": (0, 0.0), "descriptors": (4, 0.0), "grader MiB": (8, 0.05),
          "workers MiB": (16, 0.05), "slots MiB": (16, 0.05)}  # fmt: skip
# name -> what may be added: a number, and a part of what there was


@dataclass
class Handed:
    """What was handed in under one name: a variant of the honest notebook, or a case of the bank."""

    variant: int = -1
    case: bank.Case | None = None


@dataclass
class Watch:
    """Counts of a running grader, as results appear."""

    results: Path
    samples: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    _next: float = 0.0
    _relays: dict[str, int] = field(default_factory=dict)

    def look(self, grader: psutil.Process, made: bank.Made) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + SAMPLE_SECONDS
        done = sum(1 for _ in self.results.glob("evidence/blocks/*/attempt-001.zip"))
        if done:
            self.samples.append((done, self._counts(grader, made)))

    def _counts(self, grader: psutil.Process, made: bank.Made) -> dict[str, float]:
        family = grader.children(recursive=True)
        workers = [p for p in family if any(_is(p, f"autograder.workers.{name}") for name in ("worker", "template"))]
        for name in made.names - self._relays.keys():
            with contextlib.suppress(Exception):  # it may be gone already
                self._relays[name] = int(find_engine().ask("inspect", "--format", "{{.State.Pid}}", name))
        slots = [p for p in family if p not in workers]
        for pid in self._relays.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                relay = psutil.Process(pid)
                slots += [relay, *relay.children(recursive=True)]
        return {
            "processes": 1 + len(workers) + len(slots),
            "mounts": sum(_mounts(p.pid) for p in (grader, *(p for p in slots if _is(p, "inside.process.relay")))),
            "descriptors": sum(_or_zero(p.num_fds) for p in (grader, *workers)),
            "grader MiB": grader.memory_info().rss / 2**20,
            "workers MiB": sum(_or_zero(lambda p=p: p.memory_info().rss) for p in workers) / 2**20,
            "slots MiB": sum(_or_zero(lambda p=p: p.memory_info().rss) for p in slots) / 2**20,
        }

    def growth(self, count: int) -> dict[str, tuple[float, float]]:
        """What there was least of, after a tenth and at the end: student processes come and go above it."""
        early = [sample for done, sample in self.samples if count * 0.1 <= done < count * 0.3]
        late = [sample for done, sample in self.samples if count * 0.8 <= done < count * 0.98]  # before slots close
        if len(early) < 3 or len(late) < 3:
            raise click.ClickException(f"too few samples to see growth: {len(early)} early, {len(late)} late")
        pick = {"processes": min, "slots MiB": min}
        return {
            name: (pick.get(name, statistics.median)(s[name] for s in early),
                   pick.get(name, statistics.median)(s[name] for s in late))
            for name in GROWTH
        }  # fmt: skip


def _is(process: psutil.Process, word: str) -> bool:
    with contextlib.suppress(psutil.Error):
        return word in process.cmdline()
    return False


def _mounts(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/mounts").read_text().splitlines()
        return sum(not re.search(bank.ENGINES_OWN, line) for line in lines)
    return 0


def _or_zero(ask: object) -> float:
    with contextlib.suppress(psutil.Error):
        return float(ask())  # type: ignore[operator]
    return 0.0


def hand_in(root: Path, count: int) -> dict[str, Handed]:
    """Write the submissions and the roster. name -> what it is."""
    right = bank.solved(bank.PEER_COURSE / "solutions" / "blocks" / "solution.py")
    honest = bank.notebook(right)
    hostile = count // EVERY
    handed = {}
    for number in range(count):
        name = f"n{number:04d}"
        folder = root / "submitted" / name / "blocks"
        folder.mkdir(parents=True)
        if number % EVERY == EVERY - 1:
            case = bank.CASES[(number // EVERY) * len(bank.CASES) // hostile]
            handed[name] = Handed(case=case)
            if case.cells:
                (folder / "blocks.ipynb").write_bytes(bank.notebook(bank.partly(right, case.honest), case.cells))
            else:
                runpy.run_path(str(case.file))["hand_in"](folder, honest)
            continue
        variant = VARIANTS[number % len(VARIANTS)]
        cells = dict(right)
        for old, new in MISTAKES[variant]:
            cells = {k: s if k.startswith("check") else s.replace(old, new) for k, s in cells.items()}
        (folder / "blocks.ipynb").write_bytes(bank.notebook(cells, (f"# submission {number}",)))
        handed[name] = Handed(variant=variant)
    (root / "course" / "roster.csv").write_text("id\n" + "".join(f"{name}\n" for name in handed))
    return handed


def grade(backend: str, count: int, jobs: int, secret: str, problems: list[str]) -> dict[str, float | str]:
    """Grade all of it; what is wrong is added to `problems`. secret: the course's, from which hidden inputs are drawn.
    subject -> score or outcome."""
    with tempfile.TemporaryDirectory(prefix="thousand-") as made:
        root = Path(made)
        canaries = (*bank.plant(root, ()), secret)
        handed = hand_in(root, count)
        results = root / "results"
        watch = Watch(results)
        command = [sys.executable, "-m", "autograder", "grade", str(root / "submitted"), "--jobs", str(jobs)]
        command += ["--course", str(root / "course" / "course.yaml"), "--output", str(results), "--backend", backend]
        temporary = root / "tmp"
        temporary.mkdir()
        environment = {**os.environ, "GRADER_TOKEN": canaries[3], "AUTOGRADER_SECRET": secret}
        environment["TMPDIR"] = str(temporary)
        there = bank.left_on_host()
        status, seconds, left = bank.watched(
            command, environment, root / "log.txt", there, limit_seconds=LIMIT_SECONDS, look=watch.look, pause=0.25
        )
        left += [f"temporary file: {path.name}" for path in temporary.iterdir()]
        found = {
            path.parent.name: json.loads(path.read_text())
            for path in (results / "staff" / "submissions" / "blocks").glob("*/result.json")
        }
        wrong = [f"nothing may be left on the host: {one}" for one in left]
        wrong += [] if status in (0, 1) else [f"exit status {status}: {(root / 'log.txt').read_text()[-800:]}"]
        wrong += once_each(results, handed, found)
        wrong += verdicts(handed, found)
        wrong += [f"a canary is in {p}" for p in results.rglob("*") if p.is_file() and _holds(p, canaries)]
        restarts = sum(one["sandbox"]["restarts"] for one in found.values() if one.get("sandbox"))
        click.echo(
            f"{backend}: {len(found)} of {count} in {seconds:.0f} s ({seconds / count * 1000:.0f} ms each with {jobs} "
            f"slots), {sum(h.case is not None for h in handed.values())} hostile, {restarts} student processes replaced"
        )
        for name, (early, late) in (watch.growth(count) if count >= LEAST else {}).items():
            number, part = GROWTH[name]
            click.echo(f"    {name:12} {early:9.1f} after a tenth, {late:9.1f} at the end ({late - early:+.1f})")
            if late > early + number + part * early:
                wrong.append(f"{name} grew from {early:.1f} to {late:.1f}")
        problems += [f"{backend}: {one}" for one in wrong]
        return {
            name: one["score"] if one["outcome"] == "graded" else one["outcome"] for name, one in sorted(found.items())
        }


def _holds(path: Path, words: tuple[str, ...]) -> bool:
    data = path.read_bytes()
    return any(word.encode() in data for word in words)


def once_each(results: Path, handed: dict[str, Handed], found: dict[str, dict]) -> list[str]:
    """None lost, none doubled: one result, one attempt, one event for each."""
    attempts = Counter(path.parent.name for path in results.glob("evidence/blocks/*/attempt-???.zip"))
    lines = (results / "staff" / "events.jsonl").read_text().splitlines()
    events = Counter(json.loads(line)["subject"] for line in lines)
    expected = Counter(dict.fromkeys(handed, 1))
    wrong = [f"{len(handed.keys() - found.keys())} have no result"] if handed.keys() != found.keys() else []
    for what, each in (("attempts", attempts), ("events", events)):
        if lost := expected - each:
            wrong.append(f"{len(lost)} have no {what}: {', '.join(sorted(lost)[:5])}")
        if doubled := each - expected:
            wrong.append(f"{len(doubled)} have more than one of the {what}: {', '.join(sorted(doubled)[:5])}")
    return wrong


def verdicts(handed: dict[str, Handed], found: dict[str, dict]) -> list[str]:
    """Copies of one notebook agree and raise no flag; hostile ones get what their headers allow."""
    wrong, scores = [], {}
    for name, one in found.items():
        case = handed[name].case
        if case is None:
            scores.setdefault(handed[name].variant, set()).add((one["outcome"], one["score"]))
            wrong += [f"{name} is honest, and flagged: {one['flags']}"] if one["flags"] else []
        elif one["outcome"] == "not_graded" or (one["score"] or 0) > case.at_most:
            wrong.append(f"{name} ({case.name}): {one['outcome']}, {one['score']} points, at most {case.at_most:g}")
        elif one["outcome"] == "graded" and case.gradable and case.outcome == "graded":
            each = {question["id"]: question["score"] for question in one["questions"]}
            if any(each[question] != bank.POINTS for question in case.honest):
                wrong.append(f"{name} ({case.name}): its honest part lost points: {each}")
    wrong += [f"copies of variant {n} differ: {sorted(s)}" for n, s in scores.items() if len(s) > 1]
    if scores.get(0, {("graded", bank.MAX_SCORE)}) != {("graded", bank.MAX_SCORE)}:
        wrong.append(f"the solution got {scores[0]}")
    return wrong


@click.command()
@click.option("--count", default=1000, show_default=True, help="Submissions; one in twenty is hostile.")
@click.option("--jobs", default=2, show_default=True, help="Slots.")
@click.option("--together", is_flag=True, help="Both sandboxes at the same time: sooner, on a machine with room.")
@click.option("--backend", "backends", multiple=True, default=("container", "namespace"), show_default=True)
def main(count: int, jobs: int, together: bool, backends: tuple[str, ...]) -> None:
    """Grade a thousand submissions in each sandbox and compare."""
    problems: list[str] = []
    secret = secrets.token_hex(16)  # the same hidden inputs in both
    with ThreadPoolExecutor(len(backends) if together else 1) as pool:
        graded = pool.map(lambda backend: grade(backend, count, jobs, secret, problems), backends)
        scores = dict(zip(backends, graded, strict=True))
    first, *others = scores
    for other in others:
        differ = {
            n: (scores[first][n], scores[other].get(n))
            for n in scores[first]
            if scores[first][n] != scores[other].get(n)
        }
        click.echo(f"{len(scores[first]) - len(differ)} of {count} scores are the same in {first} and {other}")
        problems += [f"{name}: {a} in {first}, {b} in {other}" for name, (a, b) in differ.items()]
    for problem in problems:
        click.echo(f"wrong: {problem}", err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} things are wrong")
    click.echo("none lost, none doubled, no growth, no honest submission flagged, nothing left")


if __name__ == "__main__":
    main()
