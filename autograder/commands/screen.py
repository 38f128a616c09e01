"""What `autograder grade` shows while it runs: a bar over the whole run at a terminal, else a line per submission."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from autograder.records import Outcome, Result
from autograder.runs.events import Tally


class Screen:
    """A run's listener for people. At a terminal, lines are printed for what went wrong only."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tally = Tally()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._assignment = ""

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None

    def planned(self, total: int) -> None:
        self._tally.plan(total)
        if total and self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
                TimeElapsedColumn(), TextColumn("{task.fields[left]}"), console=self._console, transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task("starting", total=total, rate="", left="")

    def note(self, text: str) -> None:
        self._console.print("note: ", style="yellow", end="")
        self._console.print(text, markup=False)

    def starting(self, assignment: str, to_grade: int, kept: int) -> None:
        self._assignment = assignment
        self._tally.skip(kept)
        before = f", {kept} graded before" if kept else ""
        self._console.print(f"{assignment}: {to_grade} to grade{before}", markup=False)
        self._draw("starting")

    def ready(self, backend: str, unsafe: bool, seconds: float) -> None:
        if unsafe:
            self._console.print(f"UNSAFE: backend {backend} does not confine student code", style="bold red")
        if self._bar is None:
            self._console.print(f"sandbox {backend}, ready in {seconds:.1f} s", markup=False)
        self._draw(self._assignment)

    def graded(self, result: Result, seconds: float) -> None:
        self._tally.advance()
        self._draw(self._assignment)
        if self._bar is None or result.outcome is not Outcome.GRADED:
            points = _points(result) if result.outcome is Outcome.GRADED else f"{result.outcome.value}: {result.reason}"
            place = f"{self._tally.done}/{self._tally.total}"
            line = f"{place}  {result.assignment}  {result.subject}  {points}  {seconds:.2f} s"
            self._console.print(line, markup=False)

    def _draw(self, doing: str) -> None:
        if self._bar is not None and self._task is not None:
            left = self._tally.seconds_left
            self._bar.update(
                self._task, description=doing, completed=self._tally.done,
                rate=f"{self._tally.rate:.2g} a second" if self._tally.rate else "",
                left=f"{duration(left)} left" if left is not None else "",
            )  # fmt: skip


def duration(seconds: float) -> str:
    """Return `1:02:03` or `2:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _points(result: Result) -> str:
    return f"{round(result.score, 2):g} of {result.max_score:g}" if result.score is not None else "no score"
