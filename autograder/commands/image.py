"""`autograder image`: build the container image, and check one."""

from __future__ import annotations

import json

import click

from autograder.sandbox.backends import image_build
from autograder.sandbox.backends.container_engine import DEFAULT_IMAGE, ENGINES, find_engine
from autograder.sandbox.interface import SandboxFault

BAD = 2


class ImageError(click.ClickException):
    exit_code = BAD


@click.group("image")
def command() -> None:
    """Make or check the image that the sandbox `container` runs student code in: libraries, no tests, no solutions."""


_engine = click.option("--engine", type=click.Choice(ENGINES), default=None, help="[default: the first that answers]")
_json = click.option("--json", "as_json", is_flag=True, help="Print what was made or found as JSON.")


@command.command("build", short_help="Build the image and check it.")
@_engine
@click.option("--tag", default=DEFAULT_IMAGE, show_default=True, help="Name of the image.")
@click.option("--base", default="", help="Image to build on.  [default: the official Python image, by digest]")
@click.option("--from-debian", is_flag=True, help="Make the base from Debian's packages first: needs no registry.")
@click.option("--python", default=image_build.BASE_PYTHON, show_default=True, help="Python version of the base.")
@click.option("--variant", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True,
              help="Written on the image; pip's index decides which build of torch it holds.")  # fmt: skip
@click.option("--pip-option", "pip_options", multiple=True, help="An option for the download, e.g. --index-url=URL.")
@_json
def build(
    engine: str | None,
    tag: str,
    base: str,
    from_debian: bool,
    python: str,
    variant: str,
    pip_options: tuple[str, ...],
    as_json: bool,
) -> None:
    """Download the locked libraries, build the image without a network, and check it."""
    if base and from_debian:
        raise ImageError("give --base or --from-debian, not both")
    try:
        found = find_engine(engine)
        base = image_build.debian_base(found, _say) if from_debian else base
        built = image_build.build(
            found, _say, tag=tag, base=base, python=python, variant=variant, pip_options=pip_options
        )
        _say("checking")
        problems = image_build.check(found, built.image)
    except SandboxFault as fault:
        raise ImageError(str(fault)) from fault
    gigabytes = built.image.size_bytes / 1e9
    if as_json:
        parts = {"image": tag, "digest": built.image.digest, "bytes": built.image.size_bytes, "problems": problems}
        seconds = {"download_seconds": round(built.download_seconds, 1), "build_seconds": round(built.build_seconds, 1)}
        click.echo(json.dumps({**parts, **seconds}, indent=1))
    else:
        click.echo(f"{tag}: {built.image.digest}, {gigabytes:.2f} GB, downloaded in {built.download_seconds:.0f} s, "
                   f"built in {built.build_seconds:.0f} s")  # fmt: skip
    _end(problems)


@command.command("check", short_help="Check that the image NAME is there and as it must be.")
@click.argument("name", default=DEFAULT_IMAGE)
@_engine
@_json
def check(name: str, engine: str | None, as_json: bool) -> None:
    """Check that the image NAME is there, up to date, without root, and free of anything that students must not see.

    Exits with 0 where it is, with 1 where something is wrong with it, with 2 where there is no engine or no image.
    """
    try:
        found = find_engine(engine)
        image = found.image(name)
        problems = image_build.check(found, image)
    except SandboxFault as fault:
        raise ImageError(str(fault)) from fault
    if as_json:
        parts = {"image": name, "digest": image.digest, "bytes": image.size_bytes, "labels": dict(image.labels)}
        click.echo(json.dumps({**parts, "problems": problems}, indent=1))
    else:
        click.echo(f"{name}: {image.digest}, {image.size_bytes / 1e9:.2f} GB")
    _end(problems)


def _say(text: str) -> None:
    click.echo(f"{text} …", err=True)


def _end(problems: list[str]) -> None:
    for problem in problems:
        click.echo(f"wrong: {problem}", err=True)
    if problems:
        raise SystemExit(1)
