"""`autograder resident`: a grader that stays, so that a hand-in has its feedback within a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from autograder.commands.options import course_option, nearest_course, open_course_file
from autograder.workers.resident_socket import Connection, ResidentGone

GONE = "no resident grader runs for this course; start one with: autograder resident start"


class Unusable(click.ClickException):
    exit_code = 2


@click.group("resident")
def command() -> None:
    """Keep slots warm, and grade what is handed in at once.

    `start` runs in the foreground until Ctrl-C, or as a service of systemd. While it runs, `autograder grade` uses its
    slots, and `hand-in` grades one submission with priority over batch runs.
    """


@command.command("start")
@course_option
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=None,
    help="How many submissions at the same time.  [default: one a core]",
)
@click.option(
    "--slots",
    type=click.IntRange(1),
    default=None,
    help="How many slots may be warm, for all assignments together.  [default: two a job]",
)
@click.option(
    "--keep-free",
    type=click.IntRange(0),
    default=1024,
    show_default=True,
    help="MiB of memory that idle slots leave free.",
)
@click.option(
    "--backend",
    "--sandbox",
    "backend",
    type=click.Choice(["auto", "container", "namespace", "confined-uid", "none"]),
    default="auto",
    show_default=True,
    help="The sandbox; none is UNSAFE.",
)
@click.option("--image", default="", help="Container image, by name or digest.")
@click.option("--metrics-port", type=click.IntRange(1, 65535), default=None,
              help="Serve figures for Prometheus on this port of 127.0.0.1.")  # fmt: skip
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Append a line of JSON for each submission: how it fared, not whose it is.")  # fmt: skip
def start(
    course_path: Path | None,
    jobs: int | None,
    slots: int | None,
    keep_free: int,
    backend: str,
    image: str,
    metrics_port: int | None,
    log: Path | None,
) -> None:
    """Run the resident grader of a course until it is stopped."""
    from autograder.runs.resident import AlreadyRunning, Options, Resident
    from autograder.workers.cores import default_workers

    course, course_file = open_course_file(course_path)
    lanes = jobs or default_workers()
    options = Options(course_file, lanes, slots or 2 * lanes, keep_free << 20, backend, image, metrics_port or 0, log)
    try:
        resident = Resident(options)
    except (OSError, ImportError) as error:
        raise Unusable(f"{error}; see --log and --metrics-port (which needs the extra `monitoring`)") from error
    try:
        resident.serve(lambda: click.echo(f"listening for {course.title}, {lanes} at a time; Ctrl-C ends it"))
    except (AlreadyRunning, ResidentGone) as error:
        raise click.ClickException(str(error)) from error


@command.command("hand-in", short_help="Grade PATHS now, before any batch run.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@course_option
@click.option("--assignment", "-a", default=None, help="Which assignment these are, where the notebooks do not say.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="The results folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each event.")
def hand_in(
    paths: tuple[Path, ...], course_path: Path | None, assignment: str | None, output: Path, as_json: bool
) -> None:
    """Grade PATHS now, before any batch run, and write result and feedback.

    Exits with 0 if all went well, 1 if something could not be graded, 2 if no resident grader runs or the input cannot
    be used.
    """
    course_file = _course_file(course_path)
    request = {
        "op": "hand_in",
        "paths": [str(path.resolve()) for path in paths],
        "assignment": assignment,
        "output": str(output.resolve()),
    }
    well = False
    for event in _events(course_file, request):
        if as_json:
            click.echo(json.dumps(event, ensure_ascii=False))
        elif event["event"] == "graded":
            said = f"{event['score']:g} of {event['max_score']:g}" if event["score"] is not None else event["reason"]
            click.echo(f"{event['assignment']}  {event['subject']}  {said}  {event['seconds']:.2f} s")
        elif event["event"] == "note":
            click.echo(f"note: {event['text']}")
        if event["event"] == "end":
            if event["error"]:
                _fail(event["error"])
            well = bool(event["all_well"])
    raise SystemExit(0 if well else 1)


def _events(course_file: Path, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the grader says; asks its successor once more where it restarts."""
    wait_seconds = 0.0
    while True:
        try:
            with Connection(course_file, wait_seconds=wait_seconds) as connection:
                connection.send(request)
                while True:
                    event = connection.receive()
                    if event["event"] == "refused":
                        _fail(event["reason"])
                    yield event
                    if event["event"] == "end":
                        return
        except ResidentGone as error:
            if wait_seconds:
                _fail(GONE if "answers" in str(error) else str(error))
            wait_seconds = 10.0


@command.command("status")
@course_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def status(course_path: Path | None, as_json: bool) -> None:
    """Say what the resident grader does and holds. Exits with 2 if none runs."""
    try:
        with Connection(_course_file(course_path)) as connection:
            connection.send({"op": "status"})
            state = connection.receive()
    except ResidentGone as error:
        _fail(GONE, error)
    if as_json:
        click.echo(json.dumps(state, indent=1))
        return
    waiting = state["waiting"]
    click.echo(
        f"process {state['pid']}, version {state['engine']}, for {state['seconds'] / 3600:.1f} h: {state['course']}"
    )
    click.echo(
        f"{state['busy']} of {state['lanes']} at work; "
        f"waiting: {waiting['urgent']} hand-ins, {waiting['batch']} of batch runs"
    )
    click.echo(f"warm slots: {', '.join(state['warm']) or 'none yet'}")
    mean = state["graded_seconds"] / state["graded"] if state["graded"] else 0.0
    click.echo(f"{state['graded']} graded, {mean:.2f} s each; {state['not_graded']} not, through faults of ours")


@command.command("stop")
@course_option
def stop(course_path: Path | None) -> None:
    """End the resident grader once everything asked for is graded."""
    try:
        with Connection(_course_file(course_path)) as connection:
            connection.send({"op": "stop"})
            connection.receive()
    except ResidentGone as error:
        _fail(GONE, error)
    click.echo("it ends when everything asked for is graded")


def _course_file(course_path: Path | None) -> Path:
    """Return the absolute path of the course's file, without reading it (that takes longer than asking the grader)."""
    path = course_path or nearest_course(Path.cwd()) or Path("course.yaml")
    return (path / "course.yaml" if path.is_dir() else path).resolve()


def _fail(message: str, cause: BaseException | None = None) -> NoReturn:
    raise Unusable(message) from cause
