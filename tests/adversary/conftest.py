"""Grades the whole bank of hostile submissions once, through the command line, in the real sandbox.

After each hostile submission an honest one is graded in the same slot. Canaries (random strings)
are planted in the hidden tests, the reference, the course secret and the grader's environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
PEER_COURSE = HERE.parents[1] / "benchmarks" / "peer_course"
QUESTIONS = ("standardise", "softmax_loss", "conv_block", "accuracy")
MAX_SCORE = 12.0


@dataclass(frozen=True)
class Case:
    """One hostile submission: its header and its cells."""

    name: str
    attacks: tuple[int, ...]
    tries: str
    honest: tuple[str, ...]  # questions that it answers rightly
    at_most: float
    gradable: bool  # whether the honest part must get its points
    never: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass
class Run:
    """What one run of the bank left behind."""

    root: Path
    canaries: tuple[str, ...]
    status: int
    output: str
    leftovers: list[str] = field(default_factory=list)

    def folder(self, name: str) -> Path:
        return self.root / "results" / "submissions" / "blocks" / name

    def result(self, name: str) -> dict:
        return json.loads((self.folder(name) / "result.json").read_text())

    def evidence(self, name: str) -> dict:
        return json.loads((self.root / "results" / "evidence" / "blocks" / name / "attempt-001.json").read_text())


def read_case(path: Path) -> Case:
    top, *cells = re.split(r"^# %%.*\n", path.read_text(), flags=re.MULTILINE)
    header = dict(re.findall(r"^# (\w+): (.*)$", top, flags=re.MULTILINE))
    honest = tuple(header["honest"].split(", ")) if header["honest"] != "none" else ()
    return Case(
        name=path.stem,
        attacks=tuple(int(number) for number in header["attacks"].split(",")),
        tries=header["tries"],
        honest=honest,
        at_most=float(header.get("at_most", 3 * len(honest))),
        gradable=header.get("gradable", "yes") == "yes",
        never=tuple(filter(None, header.get("never", "").split(", "))),
        cells=tuple(cells),
    )


CASES = tuple(read_case(path) for path in sorted((HERE / "cases").glob("*.py")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=[case.name for case in CASES])


def solved(master: Path) -> dict[str, str]:
    """The master's code cells by grade_id, solution markers taken out."""
    import jupytext

    book = jupytext.read(master, fmt="py:percent")
    keep = lambda line: "### BEGIN" not in line and "### END" not in line  # noqa: E731
    return {
        cell.metadata["nbgrader"]["grade_id"]: "\n".join(filter(keep, cell.source.splitlines()))
        for cell in book.cells
        if cell.cell_type == "code"
    }


def write_notebook(path: Path, sources: dict[str, str], extra: tuple[str, ...] = ()) -> None:
    cells = [("", source, grade_id) for grade_id, source in sources.items()]
    cells += [("", source, "") for source in extra]
    made = []
    for number, (_, source, grade_id) in enumerate(cells):
        meta = (
            {"nbgrader": {"schema_version": 3, "grade_id": grade_id, "grade": False, "locked": False}}
            if grade_id
            else {}
        )
        if grade_id in QUESTIONS:
            meta["nbgrader"]["solution"] = True
        made.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"c{number}",
                "metadata": meta,
                "outputs": [],
                "source": source,
            }
        )
    path.parent.mkdir(parents=True)
    book = {"cells": made, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))


def plant(root: Path) -> tuple[str, ...]:
    """Copy the course to `root`, with quick limits and a canary in every place that must stay hidden."""
    course = root / "course"
    shutil.copytree(PEER_COURSE, course, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    canaries = {
        kind: f"canary-{kind}-{secrets.token_hex(8)}" for kind in ("tests", "reference", "secret", "environment")
    }
    tests = course / "solutions" / "blocks" / "hidden_tests.py"
    tests.write_text(f'{tests.read_text()}\n\nCANARY = "{canaries["tests"]}"\n')
    master = course / "solutions" / "blocks" / "solution.py"
    marker = "    ### BEGIN SOLUTION\n"
    master.write_text(
        master.read_text().replace(marker, f'{marker}    canary = "{canaries["reference"]}"  # noqa: F841\n')
    )
    config = course / "course.yaml"
    limits = "call_seconds: 2, cell_seconds: 8, submission_seconds: 90, memory_mb: 700, processes: 32, tmpfs_mb: 64"
    quick = f"sandbox: {{{limits}}}"
    names = [name for case in CASES for name in (case.name, f"{case.name}-next")]
    (course / "roster.csv").write_text("id\n" + "".join(f"{name}\n" for name in names))
    config.write_text(config.read_text().replace("roster: roster.csv\n", f"roster: roster.csv\n\n{quick}\n"))
    return tuple(canaries.values())


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The results of grading every case, each followed by an honest submission in the same slot."""
    root = tmp_path_factory.mktemp("adversary")
    canaries = plant(root)
    right = solved(PEER_COURSE / "solutions" / "blocks" / "solution.py")
    blank = {
        grade_id: (re.sub(r"^    (?!\"\"\").*$", "    raise NotImplementedError", source, count=1, flags=re.MULTILINE))
        for grade_id, source in right.items()
        if grade_id in QUESTIONS
    }
    for case in CASES:
        cells = {
            grade_id: source if grade_id not in QUESTIONS or grade_id in case.honest else blank[grade_id]
            for grade_id, source in right.items()
            if not grade_id.startswith("check_")
        }
        write_notebook(root / "submitted" / case.name / "blocks" / "blocks.ipynb", cells, case.cells)
        write_notebook(root / "submitted" / f"{case.name}-next" / "blocks" / "blocks.ipynb", right)
    before = left_on_host()
    environment = {**os.environ, "GRADER_TOKEN": canaries[3], "AUTOGRADER_SECRET": canaries[2]}
    command = [sys.executable, "-m", "autograder", "grade", str(root / "submitted"), "--jobs", "1"]
    command += ["--course", str(root / "course" / "course.yaml"), "--output", str(root / "results")]
    command += ["--backend", "namespace"]
    with (root / "output.txt").open("wb") as output:
        grader = psutil.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        seen = set()
        end = time.monotonic() + 800
        while grader.poll() is None and time.monotonic() < end:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended while we looked
                seen |= set(grader.children(recursive=True))
            time.sleep(0.05)
        if grader.poll() is None:
            grader.kill()
    run = Run(root, canaries, grader.wait(), (root / "output.txt").read_text())
    time.sleep(0.5)  # the kernel may still be taking a namespace down
    run.leftovers = sorted(left_on_host() - before) + [str(process) for process in seen if process.is_running()]
    return run


def left_on_host() -> set[str]:
    """Mounts, shared memory and cgroups of this machine; the grader's own processes are watched one by one."""
    found = {f"mount: {line}" for line in Path("/proc/self/mounts").read_text().splitlines()}
    found |= {f"shm: {path}" for path in Path("/dev/shm").iterdir()}
    found |= {f"cgroup: {path}" for path in Path("/sys/fs/cgroup").rglob("*") if path.is_dir()}
    return found
