"""`autograder rescore`: changed points and decisions, applied to what was graded before."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.console import Console

from autograder.commands.bar import bar
from autograder.commands.options import course_option, open_course
from autograder.course.adjustments import load_adjustments
from autograder.course.course import Course, CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import Roster, RosterError, course_roster
from autograder.results.layout import layout_of
from autograder.results.store import Store, StoreError
from autograder.runs.pages import counted
from autograder.runs.rescore import Preview, Rescored, Rescorer, Standing, by_assignment, change_as_json
from autograder.scoring.score import ManualGrade

PLAIN_WIDTH = 1_000  # columns where there is no terminal: a program reads it, and cuts nothing


@click.command("rescore")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--adjustments", "adjustments_path", type=click.Path(path_type=Path), default=None,
              help="Decisions to apply.  [default: adjustments.yaml beside course.yaml]")  # fmt: skip
@click.option("--apply", "apply_it", is_flag=True, help="Write what the preview shows.")
@click.option("--who", default=None, help="Who decides, as recorded with each changed grade.  [default: your login]")
@click.option("--why", default=None, help="Why, as recorded with each changed grade; required with --apply.")
@click.option("--json", "json_", is_flag=True, help="Print the preview as JSON.")
def command(
    results: Path,
    course_path: Path | None,
    adjustments_path: Path | None,
    apply_it: bool,
    who: str | None,
    why: str | None,
    json_: bool,
) -> None:
    """Compute all grades in the folder RESULTS again, without running any student code.

    Takes points and late policy from course.yaml, decisions from adjustments.yaml, deadlines from the roster, and
    grades given by hand from the gradebook. Shows every grade that would change; writes only with --apply.
    """
    stream = sys.stderr if json_ else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    console = Console(stderr=json_, soft_wrap=True, highlight=False, width=width)
    course = open_course(course_path)
    try:
        roster = course_roster(course)
        adjustments = load_adjustments(course, adjustments_path)
        rows = _ChangesJson() if json_ else _ChangeRows(console, course, roster)
        applied = False
        with Store(results.resolve(), write=apply_it) as store:
            rescorer = Rescorer(store, course, roster, adjustments, lambda name: _manual(results, course, name))
            with bar(console, "computing") as advance:
                preview = rescorer.preview(lambda one, count: _met(rows, one, advance, count))
            if apply_it and (not preview.changes or (why or "").strip()):
                with bar(console, "writing") as advance:
                    reason = (why or "rubric brought up to date").strip()
                    rescorer.apply(preview, who=who or getpass.getuser(), why=reason, each=advance)
                _sync(store, course, rescorer, console)
                applied = True
        rows.end(preview, applied=applied)
        if apply_it and not applied:
            raise click.ClickException("nothing is written yet: say why the grades change, with --why TEXT")
    except (CourseError, RosterError, StoreError, ReleasesError) as error:
        raise click.ClickException(str(error)) from error


def _met(rows: _ChangeRows | _ChangesJson, one: Rescored | None, advance: Callable[[int], None], count: int) -> None:
    if one is not None:
        rows.show(one)
    advance(count)


def _manual(results: Path, course: Course, name: str) -> Mapping[str, Mapping[str, ManualGrade]]:
    """Return grades given by hand. Without them results would lose points, so a gradebook that cannot be read ends it
    all.
    """
    path = layout_of(results.resolve()).staff / "gradebook.db"
    if not path.exists():
        return {}
    from autograder.exchange.nbgrader import GradebookError, read_manual

    try:
        return read_manual(path, course.assignment(name))
    except GradebookError as error:
        raise click.ClickException(str(error)) from error


def _sync(store: Store, course: Course, rescorer: Rescorer, console: Console) -> None:
    """Bring the gradebook up to date where there is one. What fails here, the next run or rescore does."""
    if not (store.staff / "gradebook.db").exists():
        return
    from autograder.exchange.nbgrader import GradebookEntry, GradebookError, sync

    known = {assignment.name for assignment in course.assignments}
    for name, group in by_assignment(counted(store)).items():
        if name not in known:
            continue
        rules = rescorer.rules_of(name)
        entries = [GradebookEntry.of(store, result, rules) for result in group]
        try:
            report = sync(store.staff, course, course.assignment(name), entries, opens_at=rules.options.opens_at)
        except GradebookError as error:
            raise click.ClickException(f"the results are written, the gradebook is not: {error}") from error
        for student, question in report.review:
            console.print(f"{name}: {student}'s answer to {question} changed after it was graded by hand", markup=False)


class _ChangeRows:
    """Show what a preview shows to a person: a line for each grade that changes as soon as it is known, and the
    totals."""

    def __init__(self, console: Console, course: Course, roster: Roster) -> None:
        self._console = console
        self._names = max((len(one.name) for one in course.assignments), default=0)
        self._ids = max((len(student.id) for student in roster.students), default=0)
        self._any = False

    def show(self, one: Rescored) -> None:
        if not self._any:
            self._line("assignment", "subject", "before", "after", "questions")
            self._any = True
        questions = ", ".join(f"{id} {_points(old)} → {_points(new)}" for id, old, new in one.questions())
        self._line(one.place.assignment, one.place.subject, _total(one.before), _total(one.after), questions)

    def _line(self, assignment: str, subject: str, before: str, after: str, questions: str) -> None:
        name, id = assignment.ljust(max(10, self._names)), subject.ljust(max(7, self._ids))
        line = f"{name} {id} {before:11} {after:11} {questions}"
        if self._console.is_terminal:
            self._console.out(line, highlight=False)  # above the bar
        else:
            click.echo(line)

    def end(self, preview: Preview, *, applied: bool) -> None:
        for note in preview.notes:
            self._console.print(f"note: {note}", markup=False, style="yellow")
        count, total = preview.changes, preview.count
        if not count:
            said = f"No grade of {total} submissions changes."
        elif applied:
            said = f"{count} of {total} grades changed; each is an event in events.jsonl."
        else:
            said = f"{count} of {total} grades would change. Nothing is written: add --apply and --why."
        self._console.print(said)


class _ChangesJson:
    """One JSON object for a program: the grades that change, each written as soon as it is known, and the totals."""

    def __init__(self) -> None:
        self._between = ""

    def show(self, one: Rescored) -> None:
        self._begin()
        click.echo(self._between + json.dumps(change_as_json(one), ensure_ascii=False), nl=False)
        self._between = ",\n"

    def _begin(self) -> None:
        if not self._between:
            click.echo('{"schema_version": 1, "changes": [', nl=True)
            self._between = " "

    def end(self, preview: Preview, *, applied: bool) -> None:
        self._begin()
        rest = {"applied": applied, "submissions": preview.count, "notes": list(preview.notes)}
        click.echo("],\n" + json.dumps(rest, ensure_ascii=False)[1:])


def _points(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"


def _total(result: Standing | None) -> str:
    if result is None:
        return "–"
    waits = " (a person's part is open)" if result.needs_manual_grade else ""
    return f"{_points(result.score)} / {result.max_score:g}{waits}"
