"""`autograder migrate`: a results folder of an earlier version, as this one lays it out."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.pages.text import plural
from autograder.results.layout import migrate, pack_evidence
from autograder.results.lock import StoreError, locked


@click.command("migrate")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(results: Path) -> None:
    """Bring the folder RESULTS of an earlier version into the form of this one.

    It is split into staff/ and students/, of which only students/ may be published, and the three files of an attempt
    become one archive. No grade and no page changes; a second run finds nothing to do. Close Jupyter and whatever else
    has gradebook.db open; nbgrader's root is staff/ afterwards.
    """
    try:
        with locked(results.resolve()):
            moved = migrate(results.resolve())
            packed = pack_evidence(results.resolve())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if moved:
        click.echo(f"{results}: moved into {results / 'staff'} and {results / 'students'}; start formgrader in staff/")
    if packed:
        click.echo(f"{results}: {plural(packed, 'attempt')} packed, each into one archive")
    if not moved and not packed:
        click.echo(f"{results}: is in the form of this version already; nothing to do")
