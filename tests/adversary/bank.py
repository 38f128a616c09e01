"""The bank of hostile submissions, and one run of it.

A case is a file with a header of comment lines: `attacks` (lines of the list in docs/security.md), `tries` (one
sentence), and the verdict: `honest` (questions it answers rightly), `at_most` (points; 3 for each honest question
where it is not given), `gradable: no` where it destroys its own process, `outcome` where it may not be graded
at all, `never` and `never_raw` (what its feedback must not show), `seen_in` (sandboxes in which what it looks for can
be seen, though nothing follows from it for a score). In cases/ the cells follow, which are put behind an honest
notebook's; in handed_in/ a function writes what lay in the student's folder.

Every case is graded in one slot with all others, each followed by an honest submission. Canaries
(random strings) are planted in the hidden tests, the reference, the course secret and the grader's environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.results.attempts import EVIDENCE, OUTPUTS, read
from autograder.sandbox.backends.container_engine import find_engine
from autograder.sandbox.inside.process.student_process import descendants

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEER_COURSE = ROOT / "benchmarks" / "peer_course"
QUESTIONS = ("standardise", "softmax_loss", "conv_block", "accuracy")
POINTS = 3.0  # of each question
MAX_SCORE = 12.0
LIMITS = "call_seconds: 2, cell_seconds: 3, submission_seconds: 60, memory_mb: 400, processes: 32, tmpfs_mb: 64"
TWIN = 'public_twin("softmax_loss", torch.zeros(1, 4), torch.tensor([2]))'  # what a student may see when a test fails
CANARY_KINDS = ("tests", "reference", "secret", "environment")
RUN_SECONDS = 1200.0
ENGINES_OWN = r"/containers/storage/|/run/netns/|/docker/"
# Of Podman without root, where there is no XDG_RUNTIME_DIR, and of the resident grader.
ENGINES_FOLDERS = r"podman-run-\d+|containers-user-\d+|autograder-\d+"
TAKE_DOWN_SECONDS = 10.0


@dataclass(frozen=True)
class Case:
    """One hostile submission: its header, and its cells or the file whose function hands it in."""

    name: str
    attacks: tuple[int, ...]
    tries: str
    honest: tuple[str, ...]
    at_most: float
    gradable: bool
    outcome: str  # graded | ungradable | either
    never: tuple[str, ...]
    never_raw: tuple[str, ...]
    seen_in: tuple[str, ...]
    cells: tuple[str, ...]
    file: Path

    @property
    def verdict(self) -> str:
        """What is expected of it, in words for a table."""
        if self.outcome == "ungradable":
            return "refused with a reason"
        if self.outcome == "either":
            return f"refused with a reason, or at most {self.at_most:g} points"
        if not self.gradable:
            return f"at most {self.at_most:g} points; may lose its own"
        honest = POINTS * len(self.honest)
        return f"{honest:g} points" if honest == self.at_most else f"{honest:g} to {self.at_most:g} points"


@dataclass
class Run:
    """What one run of the bank left behind."""

    root: Path
    canaries: tuple[str, ...]
    status: int
    output: str
    seconds: float
    leftovers: list[str] = field(default_factory=list)
    sandbox: str = ""

    def found(self, case: Case) -> str:
        """What the case says that it found of what it must not; empty where that is nothing."""
        texts = [self.kept(case.name, OUTPUTS).decode(), *map(str, self.evidence(case.name)["tests"])]
        return next((found.group() for text in texts if (found := re.search(r"FOUND \[[^\]].{0,400}", text))), "")

    def folder(self, name: str) -> Path:
        return self.root / "results/staff" / "submissions" / "blocks" / name

    def page(self, name: str) -> Path:
        return self.root / "results/students/blocks" / name / "feedback.html"

    def result(self, name: str) -> dict:
        return json.loads((self.folder(name) / "result.json").read_text())

    def evidence(self, name: str) -> dict:
        return json.loads(self.kept(name, EVIDENCE))

    def kept(self, name: str, part: str) -> bytes:
        return read(self.root / "results/staff/evidence/blocks" / name, 1, part)


def read_case(path: Path) -> Case:
    """Raises KeyError where the header lacks a line."""
    top, *cells = re.split(r"^# %%.*\n", path.read_text(), flags=re.MULTILINE)
    header = dict(re.findall(r"^# (\w+): (.*)$", top, flags=re.MULTILINE))
    honest = tuple(header["honest"].split(", ")) if header["honest"] != "none" else ()
    return Case(
        name=path.stem,
        attacks=tuple(int(number) for number in header["attacks"].split(",")),
        tries=header["tries"],
        honest=honest,
        at_most=float(header.get("at_most", POINTS * len(honest))),
        gradable=header.get("gradable", "yes") == "yes",
        outcome=header.get("outcome", "graded"),
        never=_words(header.get("never", "")),
        never_raw=_words(header.get("never_raw", "")),
        seen_in=_words(header.get("seen_in", "")),
        cells=tuple(cells),
        file=path,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.encode().decode("unicode_escape") for word in text.split(", ") if word)


CASES = tuple(read_case(path) for folder in ("cases", "handed_in") for path in sorted((HERE / folder).glob("*.py")))


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


def notebook(sources: dict[str, str], extra: tuple[str, ...] = ()) -> bytes:
    """A notebook of the cells by grade_id, followed by cells of the student's own."""
    cells = []
    for number, (grade_id, source) in enumerate([*sources.items(), *(("", source) for source in extra)]):
        own = {"schema_version": 3, "grade_id": grade_id, "grade": False, "locked": False}
        own |= {"solution": True} if grade_id in QUESTIONS else {}
        metadata = {"nbgrader": own} if grade_id else {}
        cells.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"c{number}",
                "metadata": metadata,
                "outputs": [],
                "source": source,
            }
        )
    book = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book).encode()


def plant(root: Path, cases: tuple[Case, ...]) -> tuple[str, ...]:
    """Copy the course to `root`, with quick limits and a canary in every place that must stay hidden."""
    course = root / "course"
    shutil.copytree(PEER_COURSE, course, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    canaries = {kind: f"canary-{kind}-{secrets.token_hex(8)}" for kind in CANARY_KINDS}
    tests = course / "solutions" / "blocks" / "hidden_tests.py"
    text = tests.read_text().replace(" question\n", " public_twin, question\n", 1)
    text = text.replace('@question("softmax_loss")', f'@question("softmax_loss", twin={TWIN})', 1)
    tests.write_text(f'{text}\n\nCANARY = "{canaries["tests"]}"\n')
    master = course / "solutions" / "blocks" / "solution.py"
    marker = "    ### BEGIN SOLUTION\n"
    master.write_text(
        master.read_text().replace(marker, f'{marker}    canary = "{canaries["reference"]}"  # noqa: F841\n')
    )
    names = [name for case in cases for name in (case.name, f"{case.name}_next")]
    (course / "roster.csv").write_text("id\n" + "".join(f"{name}\n" for name in names))
    config = course / "course.yaml"
    quick = f"sandbox: {{{LIMITS}}}"
    config.write_text(config.read_text().replace("roster: roster.csv\n", f"roster: roster.csv\n\n{quick}\n"))
    return tuple(canaries.values())


def hand_in(root: Path, cases: tuple[Case, ...]) -> None:
    """Write every case and the honest submission that follows it into `root`/submitted."""
    right = solved(PEER_COURSE / "solutions" / "blocks" / "solution.py")
    honest = notebook(right)
    for case in cases:
        folder = root / "submitted" / case.name / "blocks"
        folder.mkdir(parents=True)
        if case.cells:
            (folder / "blocks.ipynb").write_bytes(notebook(partly(right, case.honest), case.cells))
        else:
            runpy.run_path(str(case.file))["hand_in"](folder, honest)
        following = root / "submitted" / f"{case.name}_next" / "blocks"
        following.mkdir(parents=True)
        (following / "blocks.ipynb").write_bytes(honest)


def partly(right: dict[str, str], answered: tuple[str, ...]) -> dict[str, str]:
    """The cells with only the `answered` questions solved; without the visible checks."""
    cells = {}
    for grade_id, source in right.items():
        if grade_id.startswith("check_"):
            continue
        if grade_id in QUESTIONS and grade_id not in answered:
            source = re.sub(r"^    (?!\"\"\").*$", "    raise NotImplementedError", source, count=1, flags=re.MULTILINE)
        cells[grade_id] = source
    return cells


def run_bank(
    root: Path, backend: str, *, cases: tuple[Case, ...] = CASES, before: tuple[str, ...] = (), image: str = "",
    jobs: int = 1,
) -> Run:  # fmt: skip
    """Grade the bank through the command line in `jobs` slots. `before` stands before the command: to become a user."""
    canaries = plant(root, cases)
    hand_in(root, cases)
    there = left_on_host()
    temporary = root / "tmp"
    temporary.mkdir()
    temporary.chmod(0o777)
    environment = {**os.environ, "GRADER_TOKEN": canaries[3], "AUTOGRADER_SECRET": canaries[2]}
    environment["TMPDIR"] = str(temporary)
    command = [*before, sys.executable, "-m", "autograder", "grade", str(root / "submitted")]
    command += ["--jobs", str(jobs)]
    command += ["--course", str(root / "course" / "course.yaml"), "--output", str(root / "results")]
    command += ["--backend", backend, *(("--image", image) if image else ())]
    status, seconds, leftovers = watched(command, environment, root / "output.txt", there)
    named = [path.name for path in temporary.iterdir()]
    leftovers += [f"temporary file: {name}" for name in named if not re.fullmatch(ENGINES_FOLDERS, name)]
    return Run(root, canaries, status, (root / "output.txt").read_text(), seconds, leftovers)


def watched(
    command: list[str],
    environment: dict[str, str],
    log: Path,
    there: set[str],
    *,
    limit_seconds: float = RUN_SECONDS,
    look: Callable[[psutil.Process, Made], None] = lambda grader, made: None,
    pause: float = 0.05,
) -> tuple[int, float, list[str]]:
    """Run a grader and see what it leaves: exit status, seconds, and what is left on the host that was not `there`.

    look: called every `pause` seconds while it runs.
    """
    started = time.monotonic()
    seen: set[psutil.Process] = set()
    below: set[int] = set()
    made = Made()
    with log.open("wb") as output:
        grader = psutil.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
        while grader.poll() is None and time.monotonic() < started + limit_seconds:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended while we looked
                begun, below = below, set(descendants(grader.pid))  # psutil would read every process of the machine
                for pid in below - begun:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process = psutil.Process(pid)
                        seen.add(process)
                        made.look({process})
                look(grader, made)
            time.sleep(pause)
        if grader.poll() is None:
            grader.kill()
    status, seconds = grader.wait(), time.monotonic() - started
    end = time.monotonic() + TAKE_DOWN_SECONDS
    while (left := (left_on_host() - there) | made.left()) and time.monotonic() < end:
        time.sleep(0.2)  # the kernel may still be taking a namespace down, the engine a container
    return status, seconds, sorted(left) + [str(process) for process in seen if process.is_running()]


class Made:
    """The containers and folders that a run's keepers were told of, by their command lines."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._folders: set[Path] = set()

    def look(self, processes: set[psutil.Process]) -> None:
        for process in processes:
            for word in process.cmdline():
                self.names |= set(re.findall(r"autograder-slot-[0-9a-f]{12}(?![\w/])", word))
                self._folders |= {Path(path) for path in re.findall(r"/[\w./-]*/autograder-slot-\w+(?=\")", word)}

    def left(self) -> set[str]:
        found = {f"folder: {folder}" for folder in self._folders if folder.exists()}
        if self.names:
            there = find_engine().ask("ps", "--all", "--format", "{{.Names}}").split()
            found |= {f"container: {name}" for name in self.names & set(there)}
        return found


def _of_another_program(path: Path) -> bool:
    """Whether a file of /dev/shm is a lock of Python's multiprocessing that this user made: the grader makes none, and
    students are other users.
    """
    try:
        return path.name.startswith("sem.mp-") and path.stat().st_uid == os.getuid()
    except FileNotFoundError:  # it came and went
        return True


def left_on_host() -> set[str]:
    """What a sandbox could leave: mounts, shared memory, queues, cgroups.

    The grader's own processes, containers and folders are watched one by one. An engine's mounts and cgroups go with
    its containers, and those of others may be at work on this machine.
    """
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    found = {f"mount: {line}" for line in mounts if not re.search(ENGINES_OWN, line)}
    found |= {f"folder: {path}" for path in Path("/run").glob("autograder-uid-*")}
    found |= {f"shm: {path}" for path in Path("/dev/shm").iterdir() if not _of_another_program(path)}
    for kind in ("shm", "sem", "msg"):
        found |= {f"{kind}: {line}" for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]}
    found |= {f"cgroup: {path}" for path in own_cgroups() if "libpod" not in str(path)}
    return found


def own_cgroups() -> set[Path]:
    """The folders below this process's own cgroup of each hierarchy: there whatever it starts would make some. Those of
    other programs lie elsewhere, and come and go.
    """
    top = Path("/sys/fs/cgroup")
    found: set[Path] = set()
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, own = line.split(":", 2)
        name = controllers.removeprefix("name=")
        root = top / name if name else top / "unified" if (top / "unified").is_dir() else top
        found |= {path for path in (root / own.lstrip("/")).rglob("*") if path.is_dir()}
    return found


def shown_text(page: str, case: Case) -> str:
    """The page's text without the student's own lines, which it may of course show."""
    import html

    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    for cell in case.cells:
        for line in cell.splitlines():
            if line.strip():
                text = text.replace(line.strip(), "")
    return text
