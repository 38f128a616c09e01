"""`autograder validate`: are the hidden tests right?"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.commands.progress import told
from autograder.course.bank import VariantError
from autograder.course.course import CourseError
from autograder.course.secret import SecretError
from autograder.course.variant_table import VariantTableError
from autograder.release.starter import ReleaseError
from autograder.validation.mutant_verdicts import MutantReport
from autograder.validation.personal import RANDOM_CODES, without_codes
from autograder.validation.run import Extent, validate, write_validation
from autograder.validation.verdicts import Validation
from autograder.workers.cores import default_workers
from autograder.workers.pool import WorkerSetupError

_KINDS = ("solution", "starter", "noop", "refusing", "right", "wrong", "pair")
PLAIN_WIDTH = 120  # columns of a table where there is no terminal


class _Threads(click.ParamType):  # type: ignore[type-arg]
    name = "1,2"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",")]
        if not all(part.isdigit() and 1 <= int(part) <= 64 for part in parts):
            self.fail(f"{value!r} is no list of numbers such as 1,2", param, ctx)
        return tuple(sorted({int(part) for part in parts}))


@click.command("validate")
@click.argument("names", nargs=-1)
@course_option
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=None, help="Where validate.json and the page go."
)
@click.option(
    "--backend",
    type=click.Choice(["auto", "namespace", "confined-uid", "none"]),
    default="auto",
    show_default=True,
    help="The sandbox; none is UNSAFE.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="Draws of hidden inputs for the solution and the starter.",
)
@click.option(
    "--bank-seeds",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Draws of hidden inputs for each variant of the bank: one draw may miss a mistake by bad luck.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 1000),
    default=20,
    show_default=True,
    help="Further draws of hidden inputs in which each wrong variant must be caught; its cells run once for all.",
)
@click.option(
    "--codes",
    type=click.IntRange(1, 1000),
    default=RANDOM_CODES,
    show_default=True,
    help="Personal codes, beside those of the course's table, with which personal questions are tried.",
)
@click.option(
    "--threads",
    type=_Threads(),
    default="1,2",
    show_default=True,
    help="Numbers of threads for the tests' own computations; student code always has one.",
)
@click.option("--no-mutants", is_flag=True, help="Leave the automatic mutants out.")
@click.option("--mutants-only", is_flag=True, help="Grade the mutants only: no bank, and the solution once.")
@click.option(
    "--rewrites",
    is_flag=True,
    help="Also grade every variant and blank rewritten in other words: mistakes must still be recognised.",
)
@click.option(
    "--update-timings",
    is_flag=True,
    help="Record how long the solution takes; the time limits of calls follow from it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    names: tuple[str, ...],
    course_path: Path | None,
    jobs: int | None,
    output: Path | None,
    backend: str,
    seeds: int,
    bank_seeds: int,
    draws: int,
    codes: int,
    threads: tuple[int, ...],
    no_mutants: bool,
    mutants_only: bool,
    rewrites: bool,
    update_timings: bool,
    as_json: bool,
) -> None:
    """Prove in the real sandbox that the hidden tests of NAMES are right (of all assignments if none is named).

    The solution and the right variants must earn everything; the untouched starter, and blanks that do nothing,
    must earn nothing; every wrong variant must lose points in just the questions it names, and be recognised there;
    every small mistake that a machine can make in the solution must fail a test, or be listed with a reason. Exits
    with 1 where anything is off.
    """
    if no_mutants and mutants_only:
        raise click.UsageError("--no-mutants and --mutants-only leave nothing to do; give one of them")
    course = open_course(course_path)
    path = course_path if course_path is not None and course_path.is_file() else course.root / "course.yaml"
    wanted = Extent(
        jobs=jobs or default_workers(),
        backend=backend,
        seeds=1 if mutants_only else seeds,
        bank_seeds=bank_seeds,
        codes=codes,
        threads=(1,) if mutants_only else threads,
        draws=draws,
        bank=not mutants_only,
        mutants=not no_mutants,
        rewrites=rewrites,
        update_timings=update_timings,
    )
    found = []
    for assignment in choose_assignments(course, names):
        started = time.monotonic()
        try:
            validation = validate(course, path, assignment, wanted, told)
        except (ReleaseError, VariantError, VariantTableError, CourseError, WorkerSetupError, SecretError) as error:
            raise click.ClickException(f"{assignment.name}: {error}") from error
        found.append(validation)
        if not as_json:
            _print(validation, time.monotonic() - started)
        if output is not None:
            write_validation(validation, output)
    if as_json:
        click.echo(json.dumps([validation.as_json() for validation in found], ensure_ascii=False, indent=1))
    if not all(validation.ok for validation in found):
        raise SystemExit(1)


def _print(validation: Validation, seconds: float) -> None:
    console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    name = validation.assignment.name
    if validation.count("wrong"):
        console.print(_catches(validation))
    for about, problem in validation.all_problems:
        console.print(f"[red]off[/] {name}: {about}: ", end="")
        console.print(problem, markup=False)
    if validation.mutants is not None:
        for mutant in validation.mutants.alive:
            console.print(f"[red]survives[/] {mutant.name}, line {mutant.line}, by {mutant.operator}")
            console.print(mutant.diff, markup=False)
    if validation.rewrites is not None:
        for form in validation.rewrites.listed:
            console.print(f"[yellow]{form.fate}[/] ", end="")
            console.print(f"{form.name}: {form.question}: {form.why}", markup=False)
        counts = ", ".join(f"{count} {fate}" for fate, count in validation.rewrites.counts.most_common())
        console.print(f"{name}: in other words: {counts}")
    _print_notes(console, validation)
    state = "[green]all as it must be[/]" if validation.ok else "[red]not as it must be[/]"
    counts = ", ".join(f"{validation.count(kind)} {kind}" for kind in _KINDS)
    console.print(f"{name}: {state}: {counts}{_mutants(validation.mutants)}; {seconds:.0f} s", markup=True)


def _catches(validation: Validation) -> Table:
    table = Table("question", "test", "catches", title=validation.assignment.name, title_justify="left")
    for test, caught in validation.catches.items():
        names = ", ".join(name.removeprefix("wrong_") for name in without_codes(caught))
        table.add_row(validation.questions[test], test, names or "[yellow]nothing[/]")
    return table


def _print_notes(console: Console, validation: Validation) -> None:
    def note(text: str) -> None:
        console.print("[yellow]note[/] ", end="")
        console.print(text, markup=False)

    for names, what in (
        (
            validation.without_right_variant,
            "the bank has no right variant, so nothing shows that other right answers pass",
        ),
        (validation.passed_by_nobody, "no variant of its question passed this test: may it refuse right answers?"),
    ):
        if names:
            console.print("[yellow]warning[/] ", end="")
            console.print(f"{', '.join(names)}: {what}", markup=False)
    for power in validation.powers:
        if not power.sure and power.reason:
            caught = f"caught in {power.caught} of {power.draws} draws"
            note(f"{power.variant} may escape {power.question}: {caught}: {power.reason}")
    if validation.count("wrong"):
        if validation.catch_nothing:
            note(f"these tests caught nothing: {', '.join(validation.catch_nothing)}")
        if validation.catch_nothing_alone:
            note(f"these tests caught nothing that no other caught: {', '.join(validation.catch_nothing_alone)}")
    for one in validation.difficulties:
        if one.differs:
            note(
                f"{one.case} costs {one.least:.0%} of {one.question} with the code {one.least_code} and {one.most:.0%} "
                f"with {one.most_code}: the first is the easier variant"
            )
    for margin in validation.margins:
        if margin.narrow:
            wrong = f"; nearest mistake {margin.wrong:.3g} ({margin.wrong_by})" if margin.wrong is not None else ""
            note(
                f"narrow: hidden_tests.py:{margin.line} in {margin.test}: farthest right answer {margin.honest:.3g} of "
                f"what is allowed ({margin.honest_by}){wrong}"
            )


def _mutants(report: MutantReport | None) -> str:
    if report is None:
        return ""
    return (
        f"; {len(report.verdicts)} mutants, {report.killed} killed (raw {report.raw_rate:.1%}, {report.timeouts} by "
        f"time), {len(report.reviewed)} equivalent, rate after review {report.rate:.1%}"
    )
