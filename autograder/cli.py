"""The `autograder` command: a group that imports a command's module only when that command is invoked.

Each command lives in `autograder/commands/<name>.py` as a click command called `command`. Importing torch, nbgrader or
pytest takes seconds, so their help lines stand here and `autograder --help` imports none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from collections.abc import Mapping
from typing import Any

import click

from autograder import __version__

COMMANDS: Mapping[str, str] = {
    "new": "Write a course or an assignment to go on from.",
    "release": "Make starter notebooks from the masters.",
    "variants": "Give everybody the code of their personal variant.",
    "validate": "Prove that the hidden tests are right.",
    "preview": "Show the starter and the feedback on each variant while you write.",
    "check": "Look a notebook over before handing it in.",
    "submissions": "List what `grade` would take: whose it is, which file, when it came; and what it would leave out.",
    "grade": "Grade submissions in the sandbox.",
    "resident": "Keep slots warm, and grade hand-ins at once.",
    "rescore": "Apply changed points and decisions without running anything.",
    "feedback": "Write feedback pages again from results.",
    "report": "Write one sheet with all answers for each question.",
    "viva": "Write three questions for a talk about each submission.",
    "similar": "Show pairs of submissions whose own code is alike.",
    "publish": "Make the folder of pages that students get.",
    "data": "Say what is held about a student.",
    "forget": "Erase what is held about a student.",
    "migrate": "Split a results folder of an earlier version.",
    "import": "Take courses and rosters from other systems.",
    "export": "Export grades or assignments to other systems.",
    "image": "Build the container image.",
    "doctor": "Test the sandbox of this machine.",
    "next-year": "Copy the course for another year.",
    "demo": "Grade the sample submissions.",
}


# package that is not always installed -> the extra that brings it
EXTRAS: Mapping[str, str] = {"nbgrader": "nbgrader", "libcst": "validate", "mutmut": "validate", "torch": "torch",
                             "safetensors": "torch", "copydetect": "similar"}  # fmt: skip


# jsonschema, which nbformat and nbgrader import, would build a grammar of internationalised addresses here: 1.5 of the
# 3 seconds of processor time that importing nbgrader takes. No schema of a notebook has such an address, and jsonschema
# does without the module where it is missing.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class LazyGroup(click.Group):
    """Lists the commands of COMMANDS whose module is there, in that order."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; where it needs a package of an extra, say which to install."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            extra = EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            raise click.ClickException(
                f"this needs {error.name}, which is not installed; run: pip install 'course-autograder[{extra}]'"
            ) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if _module_exists(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or not _module_exists(cmd_name):
            return None
        command = getattr(importlib.import_module(_module_of(cmd_name)), "command", None)
        if not isinstance(command, click.Command):
            raise TypeError(f"{_module_of(cmd_name)} has no click command called 'command'")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _module_of(name: str) -> str:
    return f"autograder.commands.{name.replace('-', '_')}"


def _module_exists(name: str) -> bool:
    return importlib.util.find_spec(_module_of(name)) is not None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="autograder")
def main() -> None:
    """Release, grade and explain the notebooks of a course."""
    for stream in (sys.stdout, sys.stderr):  # a Windows code page lacks letters that names and messages may have
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
