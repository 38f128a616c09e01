"""What a large class costs beside a small one: processor time a submission, and the largest memory of each command.

    python -m benchmarks.scale [--students 1000 12000] [--assignment 03_separable]

The sample submissions of the assignment are graded for real once; their evidence is then copied under as many ids as
the class has students, each with a notebook to hand in. The commands that read a whole class run on it, each in a
process of its own: everything is derived (`rescore --apply` of a folder that holds evidence only), `rescore` where
nothing changes, `grade` where everything is graded already, and `feedback`. Processor time and memory are the
system's account: of the command and the processes it starts, and of the largest of them. The commands take turns
between the sizes, and the last column holds the ratio of the largest class to the smallest.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.course import load_course
from autograder.course.roster import course_roster
from autograder.records import Evidence, Result
from autograder.results.attempts import EVIDENCE, NOTEBOOK, OUTPUTS, archive, read
from autograder.results.from_evidence import Rules
from autograder.results.store import as_written

ROOT = Path(__file__).parents[1]
COPIED = ("solutions", "assignments", "reference_models")


class _Original:
    """An attempt that was graded for real, ready to be written under other names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notebook = read(folder, 1, NOTEBOOK)
        self._evidence = json.loads(read(folder, 1, EVIDENCE))
        same = io.BytesIO()
        with zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as made:
            for part in (NOTEBOOK, OUTPUTS):
                made.writestr(part, read(folder, 1, part))
        self._same = same.getvalue()
        self._result: Result | None = None

    def attempt_of(self, subject: str, source: str) -> bytes:
        """Return the archive of a student's attempt: other evidence beside the parts that all copies share."""
        data = io.BytesIO(self._same)
        with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as made:
            made.writestr(EVIDENCE, json.dumps(self._evidence_of(subject, source)))
        return data.getvalue()

    def _evidence_of(self, subject: str, source: str) -> dict[str, Any]:
        mine = {"subject": subject, "members": [subject], "source": source, "received_at": None,
                "matched": True, "flags": [], "notices": [], "artifacts": {}}  # fmt: skip
        return self._evidence | {"submission": self._evidence["submission"] | mine}

    def result_of(self, subject: str, rules: Rules) -> bytes:
        """Return a student's result as it is written. All copies of one original differ in the name alone."""
        if self._result is None:
            self._result = rules.result(Evidence.model_validate(self._evidence_of(subject, "")))
        return as_written(self._result.model_copy(update={"subject": subject, "students": (subject,)}))


class ClassOf:
    """A course with a class of `students`, what they handed in, and the evidence of it.

    graded: a results folder in which samples of the assignment are graded. with_results: multiply the results, too,
    without their pages, so that nothing has to be derived before something is read.
    """

    def __init__(
        self, folder: Path, students: int, assignment: str, graded: Path, *, with_results: bool = False
    ) -> None:
        self.students = students
        self.assignment = assignment
        self.course = folder / f"course-{students}"
        self.results = folder / f"results-{students}"
        self.handed_in = folder / f"handed-in-{students}"
        self._first: dict[Path, Path] = {}
        self._make_course()
        course = load_course(self.course)
        rules = Rules(course, course.assignment(assignment), course_roster(course)) if with_results else None
        self._multiply([_Original(one) for one in sorted((graded / "staff/evidence" / assignment).iterdir())], rules)

    def _make_course(self) -> None:
        for name in COPIED:
            shutil.copytree(ROOT / name, self.course / name)
        for name in ("course.yaml", ".course_secret"):
            shutil.copy(ROOT / name, self.course)
        ids = "".join(f"n{n:06d},,,,A,\n" for n in range(self.students))
        (self.course / "roster.csv").write_text(f"id,email,aliases,group,section,extensions\n{ids}")

    def _multiply(self, originals: Sequence[_Original], rules: Rules | None) -> None:
        """Write the evidence of one original after the other under a new id, and its notebook as it is handed in; with
        `rules` also the result.
        """
        for n in range(self.students):
            original = originals[n % len(originals)]
            subject = f"n{n:06d}"
            source = f"{subject}/{self.assignment}.ipynb"
            (self.handed_in / subject).mkdir(parents=True)
            self._hand_in(original, self.handed_in / source)
            kept = self.results / "staff/evidence" / self.assignment / subject
            kept.mkdir(parents=True)
            archive(kept, 1).write_bytes(original.attempt_of(subject, source))
            if rules is not None:
                folder = self.results / "staff/submissions" / self.assignment / subject
                folder.mkdir(parents=True)
                (folder / "result.json").write_bytes(original.result_of(subject, rules))

    def _hand_in(self, original: _Original, target: Path) -> None:
        """Write a notebook that is handed in. Those of one original are one file with many names, some thousands
        each.
        """
        first = self._first.setdefault(original.folder, target)
        if first == target or first.stat().st_nlink > 10_000:
            self._first[original.folder] = target
            target.write_bytes(original.notebook)
        else:
            os.link(first, target)

    def kept(self) -> tuple[float, float, float]:
        """Return files and bytes of a submission in the results folder, and how many times what was handed in."""
        folders = (self.results / "staff/evidence", self.results / "staff/submissions",
                   self.results / "students" / self.assignment)  # fmt: skip
        sizes = [path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()]
        handed_in = sum(path.stat().st_size for path in self.handed_in.rglob("*.ipynb"))
        return len(sizes) / self.students, sum(sizes) / self.students, sum(sizes) / handed_in

    def commands(self) -> dict[str, list[str]]:
        course = ["--course", str(self.course)]
        results = str(self.results)
        decided = ["--apply", "--who", "benchmark", "--why", "first"]
        return {
            "derive everything": ["rescore", results, *course, *decided],
            "rescore, no change": ["rescore", results, *course],
            "grade, nothing new": ["grade", str(self.handed_in), *course, "--output", results, "--no-gradebook"],
            "feedback": ["feedback", results, *course],
        }


# In a small process of its own: the kernel counts what a process had before it became another one, and that is what
# the process had that started it.
_WAIT = """
import os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
os.write(int(sys.argv[1]), f"{usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024}".encode())
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


def measured(arguments: Sequence[str]) -> tuple[float, float, str]:
    """Run a command; returns the processor seconds of all its processes, the memory of the largest in MiB, and the last
    line that it said.
    """
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "autograder", *arguments]
    process = subprocess.Popen([sys.executable, "-S", "-c", _WAIT, str(writing), *command], pass_fds=[writing],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    os.close(writing)
    assert process.stdout is not None
    said = b""
    for line in process.stdout:  # a large class has many
        said = said[-2000:] + line
    if process.wait():
        raise SystemExit(f"{' '.join(arguments)}:\n{said.decode()}")
    with os.fdopen(reading) as usage:
        seconds, memory = map(float, usage.read().split())
    return seconds, memory, said.decode().splitlines()[-1] if said else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=[1000, 12000])
    parser.add_argument("--assignment", default="03_separable")
    parser.add_argument("--json", action="store_true", help="Print what was measured as JSON.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        graded = folder / "graded"
        samples = [str(ROOT / "samples"), "--assignment", arguments.assignment]
        measured(["grade", *samples, "--course", str(ROOT), "--output", str(graded), "--no-gradebook"])
        classes = [ClassOf(folder, students, arguments.assignment, graded) for students in arguments.students]
        table: dict[str, list[tuple[float, float]]] = {}
        for command in classes[0].commands():
            for one in classes:
                seconds, memory, _ = measured(one.commands()[command])
                table.setdefault(command, []).append((1000 * seconds / one.students, memory))
                print(f"{command}, {one.students}: {seconds:.1f} s", file=sys.stderr)
        files, size, times = classes[-1].kept()
    _print(arguments.students, table, as_json=arguments.json)
    print(f"kept of a submission: {files:.1f} files, {size / 1000:.0f} kB, {times:.2f} times what was handed in",
          file=sys.stderr)  # fmt: skip


def _print(students: Sequence[int], table: dict[str, list[tuple[float, float]]], *, as_json: bool) -> None:
    if as_json:
        rows: dict[str, Any] = {
            command: [{"ms_per_submission": ms, "peak_mib": mib} for ms, mib in row] for command, row in table.items()
        }
        print(json.dumps({"students": students, "load": os.getloadavg()[0], "commands": rows}))
        return
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{'':20}" + "".join(f"{n:>24,}" for n in students) + f"{'ratio':>18}")
    for command, row in table.items():
        cells = "".join(f"{f'{ms:.2f} ms, {mib:.0f} MiB':>24}" for ms, mib in row)
        (first_ms, first_mib), (last_ms, last_mib) = row[0], row[-1]
        print(f"{command:20}{cells}{f'{last_ms / first_ms:.2f}, {last_mib / first_mib:.2f}':>18}")


if __name__ == "__main__":
    main()
