"""`autograder migrate`: a results folder of an earlier version, split into staff/ and students/."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.results.layout import migrate
from autograder.results.lock import StoreError, locked


@click.command("migrate")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(results: Path) -> None:
    """Split the folder RESULTS of an earlier version into staff/ and students/.

    Only students/ may be published. Files are only moved, none is made again; a second run finds nothing to do.
    Close Jupyter and whatever else has gradebook.db open; nbgrader's root is staff/ afterwards.
    """
    try:
        with locked(results.resolve()):
            moved = migrate(results.resolve())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    if moved:
        click.echo(f"{results}: moved into {results / 'staff'} and {results / 'students'}; start formgrader in staff/")
    else:
        click.echo(f"{results}: already has staff/ and students/; nothing to do")
