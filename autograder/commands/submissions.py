"""`autograder submissions`: what would be graded, and what became of everything else that came in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from autograder.commands.intake import intake_options
from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.adjustments import Adjustments, load_adjustments
from autograder.course.course import Course, CourseError
from autograder.course.deadlines import own_deadline
from autograder.course.releases import ReleasesError
from autograder.course.roster import Roster, RosterError
from autograder.course.variant_table import VariantTableError
from autograder.feedback.deadline import duration
from autograder.feedback.from_course import course_zone
from autograder.notebooks.read import NotebookError, read_notebook
from autograder.pages.text import moment, starts_formula
from autograder.runs.plan import read_intake
from autograder.submissions.arrivals import absent, arrivals_of
from autograder.submissions.find import Intake, SubmissionError
from autograder.submissions.submission import Submission
from autograder.submissions.worksheet import WorksheetError


@dataclass(frozen=True)
class ListedRow:
    """One line of the list. standing: graded, unknown (graded under an id of its own), ungradable, superseded,
    set_aside, nothing_handed_in. beside: the hand-in's other files. due: the deadline that holds for whoever it is of,
    extensions included, and whether it was kept."""

    standing: str
    student: str
    assignment: str
    file: str
    received: str
    why: str
    beside: tuple[str, ...] = ()
    due: str = ""


class UnusableInput(click.ClickException):
    exit_code = 2


@click.command("submissions")
@intake_options
@course_option
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the list as CSV.")
def command(
    paths: tuple[Path, ...],
    assignment: str | None,
    worksheet: Path | None,
    layout: str | None,
    course_path: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List what `autograder grade PATHS` would take: whose it is, which file, when it came, and why; then what it
    would leave out.

    Runs nothing and writes nothing. Exits with 0 if everything that came in would be graded for somebody, else with 1.
    """
    course = open_course(course_path)
    if assignment is not None:
        choose_assignments(course, [assignment])
    try:
        roster, intake = read_intake(
            course, paths, assignment=assignment, worksheet=worksheet, layout=layout or ""
        )  # fmt: skip
        adjustments = load_adjustments(course)
    except (CourseError, RosterError, VariantTableError, WorksheetError, SubmissionError, ReleasesError) as error:
        raise UnusableInput(str(error)) from error
    rows = list(_rows(course, _Deadlines(course, roster, adjustments), intake, assignment or ""))
    if as_json:
        listed = {"layouts": intake.layouts, "notes": intake.notes, "rows": [asdict(row) for row in rows]}
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    else:
        _show(intake, rows)
    if any(row.standing in ("unknown", "ungradable", "set_aside") for row in rows):
        raise SystemExit(1)


@dataclass(frozen=True)
class _Deadlines:
    """Until when each hand-in was due, and when it came, with what people decided about both."""

    course: Course
    roster: Roster
    adjustments: Adjustments

    def received(self, submission: Submission) -> datetime | None:
        """Return when it came in: as a person decided, else as the channel says."""
        names = {submission.subject, *submission.members}
        return self.adjustments.applying_to(submission.assignment, names).received(submission.received_at)

    def of(self, submission: Submission) -> str:
        """Return the deadline of a submission in words, with how late it was; "" where there is none."""
        names = [one.name for one in self.course.assignments]
        if submission.assignment not in names:
            return ""
        assignment = self.course.assignment(submission.assignment)
        due = own_deadline(submission.members, assignment, self.roster, self.adjustments)
        if due is None or assignment.due is None:
            return ""
        own = "own deadline" if due > assignment.due else "due"
        said = f"{own} {moment(due, course_zone(self.course, assignment))}"
        received = self.received(submission)
        if received is None:
            return said
        late = received - due
        return f"{said}: {f'{duration(late)} late' if late > timedelta(0) else 'in time'}"


def _rows(course: Course, deadlines: _Deadlines, intake: Intake, chosen: str) -> Iterable[ListedRow]:
    roster = deadlines.roster
    for submission in intake.submissions:
        unknown = () if submission.matched else submission.flags[:1]  # says whose it may be
        told = (submission.problem, *unknown) if submission.problem else (*submission.flags, *submission.notices)
        why = "; ".join(told)
        standing = _standing(submission)
        if standing in ("graded", "unknown") and (unreadable := _unreadable(submission)):
            standing, why = "ungradable", "; ".join((unreadable, *unknown))
        yield ListedRow(
            standing=standing,
            student=submission.subject if submission.matched else "",
            assignment=submission.assignment,
            file=submission.source,
            received=_received(submission, deadlines.received(submission)),
            why=why,
            beside=submission.beside,
            due=deadlines.of(submission),
        )
    arrivals = arrivals_of(intake.submissions, intake.left_over, roster)
    came = {chosen, *(submission.assignment for submission in intake.submissions)}
    names = [assignment.name for assignment in course.assignments if assignment.name in came]
    for one in absent(arrivals, names, ()):
        if one.standing == "nothing_handed_in" or (one.standing == "set_aside" and not one.student):
            if one.standing == "set_aside" and any(s.source == one.source for s in intake.submissions):
                continue  # it has a line of its own above
            yield ListedRow(one.standing, one.student, one.assignment, one.source, "", one.why)


def _unreadable(submission: Submission) -> str:
    """Return why grading cannot read the notebook; "" where it can."""
    try:
        read_notebook(submission.notebook, submission.source)
    except (NotebookError, SubmissionError) as error:
        return str(error)
    return ""


def _standing(submission: Submission) -> str:
    if submission.set_aside or not submission.assignment:
        return "set_aside"
    if submission.superseded_by:
        return "superseded"
    if submission.problem:
        return "ungradable"
    return "graded" if submission.matched else "unknown"


def _received(submission: Submission, received: datetime | None) -> str:
    if received is None:
        return "unknown"
    how = submission.how if received == submission.received_at else "adjustments.yaml"
    return f"{received.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({how})"


def _csv(rows: Iterable[ListedRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("standing", "student", "assignment", "file", "received", "why", "beside", "due"))
    for row in rows:
        cells = asdict(row) | {"beside": "; ".join(row.beside)}
        writer.writerow([_plain(str(value)) for value in cells.values()])
    return text.getvalue()


def _plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if starts_formula(text) else text


_TITLES = {
    "graded": "Would be graded",
    "unknown": "Nobody in the roster: would be graded under an id of its own, for nobody",
    "ungradable": "Cannot be graded",
    "superseded": "Not graded, another hand-in of the same student counts",
    "set_aside": "Set aside",
    "nothing_handed_in": "Nothing handed in",
}


def _show(intake: Intake, rows: list[ListedRow]) -> None:
    for path, title in intake.layouts:
        click.echo(f"{path}: read as {title}")
    for note in intake.notes:
        click.echo(f"note: {note}")
    for standing, title in _TITLES.items():
        found = [row for row in rows if row.standing == standing]
        if not found:
            continue
        click.echo(f"\n{title}: {len(found)}")
        if standing == "nothing_handed_in":
            for name in sorted({row.assignment for row in found}):
                click.echo(f"  {name}: {', '.join(row.student for row in found if row.assignment == name)}")
            continue
        for row in found:
            who = f"{row.student}  " if row.student else ""
            where = f"{row.assignment}  " if row.assignment else ""
            taken = standing in ("graded", "unknown")
            when = f"  received {row.received}{', ' if row.due else ''}{row.due}" if taken else ""
            click.echo(f"  {who}{where}{row.file}{when}")
            if row.why:
                click.echo(f"      {row.why}")
            if row.beside:
                more = f" and {len(row.beside) - 5} more (--csv names all)" if len(row.beside) > 5 else ""
                click.echo(f"      with {', '.join(row.beside[:5])}{more}")
