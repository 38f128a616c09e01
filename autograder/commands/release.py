"""`autograder release`: starters from masters, and whether they are up to date."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.releases import ReleasesError
from autograder.release.files import stale_files, write_release
from autograder.release.starter import ReleaseError, build_release


@click.command("release")
@click.argument("names", nargs=-1)
@course_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything is stale, naming each file.")
@click.option("--drop-earlier", is_flag=True, help="Forget earlier releases: only if no student ever had one.")
@click.option("--bundle", is_flag=True, help="Instead, write a zip for students for each assignment.")
@click.option("--per-student", is_flag=True, help="With --bundle: one zip for each code of variants.csv, with the code "
              "in it.")  # fmt: skip
@click.option("--solutions", is_flag=True, help="Instead, run the masters in fast mode and write them with outputs, "
              "for TAs.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Folder for --bundle or --solutions  [default: build/bundles, build/solutions]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what was found or done as JSON.")
def command(
    names: tuple[str, ...],
    course_path: Path | None,
    check: bool,
    drop_earlier: bool,
    bundle: bool,
    per_student: bool,
    solutions: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Make the starter notebooks of NAMES (of all assignments if none is named) from their masters.

    Students get what lies in assignments/<name>/ afterwards: the starter notebook and the public files that course.yaml
    names. Nothing is released that would show a solution, a hidden test or an answer key.

    --bundle writes what students download: notebook, public files, weights, requirements, licence, instructions.
    --solutions is for instructors and TAs alone: the notebooks hold the solutions, sample answers and mark schemes.
    """
    if check and drop_earlier:
        raise click.UsageError("--check writes nothing, so it does not go with --drop-earlier")
    if (bundle or solutions) and (check or drop_earlier or (bundle and solutions)):
        raise click.UsageError("--bundle and --solutions go with nothing but NAMES, --output, --course and --json")
    if output is not None and not (bundle or solutions):
        raise click.UsageError("--output goes with --bundle or --solutions; starters go to assignments/")
    if per_student and not bundle:
        raise click.UsageError("--per-student goes with --bundle")
    course = open_course(course_path)
    if bundle or solutions:
        from autograder.commands.release_extras import write_bundles, write_solutions

        chosen = choose_assignments(course, names)
        if bundle:
            raise SystemExit(write_bundles(course, chosen, output, as_json, per_student=per_student))
        raise SystemExit(write_solutions(course, chosen, output, as_json))
    lines: list[str] = []
    report = []
    ok = True
    for assignment in choose_assignments(course, names):
        problems: list[str] = []
        changed: list[str] = []
        release_id = ""
        try:
            release = build_release(assignment)
            release_id = release.id
            if check:
                problems = [f"{_short(s.path, course.root)}: {s.reason}" for s in stale_files(release)]
            else:
                written, strangers = write_release(release, drop_earlier=drop_earlier)
                changed = [_short(path, course.root) for path in written]
                problems = [f"{_short(path, course.root)}: is not part of the release; move or delete it"
                            for path in strangers]  # fmt: skip
        except ReleaseError as error:
            problems = list(error.messages)
        except ReleasesError as error:
            problems = [str(error)]
        ok = ok and not problems
        report.append({"assignment": assignment.name, "release": release_id, "changed": changed, "problems": problems})
        if problems:
            lines += problems
            lines += [f"run: autograder release {assignment.name}"] if check and release_id else []
        else:
            state = "up to date" if not changed else "written: " + ", ".join(changed)
            lines.append(f"{assignment.name}  release {release_id}  {state}")
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            click.echo(line)
    if not ok:
        raise SystemExit(1)


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
