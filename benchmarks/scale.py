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
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.results.attempts import EVIDENCE, NOTEBOOK, OUTPUTS, read, write

ROOT = Path(__file__).parents[1]
COPIED = ("solutions", "assignments", "reference_models")


class ClassOf:
    """A course with a class of `students`, what they handed in, and the evidence of it."""

    def __init__(self, folder: Path, students: int, assignment: str, graded: Path) -> None:
        self.students = students
        self.assignment = assignment
        self.course = folder / f"course-{students}"
        self.results = folder / f"results-{students}"
        self.handed_in = folder / f"handed-in-{students}"
        self._first: dict[Path, Path] = {}
        self._make_course()
        self._multiply(sorted((graded / "staff/evidence" / assignment).iterdir()))

    def _make_course(self) -> None:
        for name in COPIED:
            shutil.copytree(ROOT / name, self.course / name)
        for name in ("course.yaml", ".course_secret"):
            shutil.copy(ROOT / name, self.course)
        ids = "".join(f"n{n:06d},,,,A,\n" for n in range(self.students))
        (self.course / "roster.csv").write_text(f"id,email,aliases,group,section,extensions\n{ids}")

    def _multiply(self, originals: Sequence[Path]) -> None:
        """Write the evidence of one original after the other under a new id, and its notebook as it is handed in."""
        for n in range(self.students):
            original = originals[n % len(originals)]
            subject = f"n{n:06d}"
            parts = {part: read(original, 1, part) for part in (EVIDENCE, NOTEBOOK, OUTPUTS)}
            source = f"{subject}/{self.assignment}.ipynb"
            kept = self.results / "staff/evidence" / self.assignment / subject
            (self.handed_in / subject).mkdir(parents=True)
            self._hand_in(original, parts[NOTEBOOK], self.handed_in / source)
            evidence = json.loads(parts[EVIDENCE])
            evidence["submission"] |= {"subject": subject, "members": [subject], "source": source, "received_at": None,
                                       "matched": True, "flags": [], "notices": [], "artifacts": {}}  # fmt: skip
            write(kept, 1, parts | {EVIDENCE: json.dumps(evidence).encode()}, flush=False)

    def _hand_in(self, original: Path, notebook: bytes, target: Path) -> None:
        """Write a notebook that is handed in. Those of one original are one file with many names."""
        first = self._first.setdefault(original, target)
        if first == target:
            target.write_bytes(notebook)
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


def measured(arguments: Sequence[str]) -> tuple[float, float]:
    """Run a command; returns the processor seconds of all its processes, and the memory of the largest in MiB."""
    shown = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-m", "autograder", *arguments], stdout=shown, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)}:\n{said.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


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
                seconds, memory = measured(one.commands()[command])
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
