"""Backend `none`: the same relay and zygote as plain subprocesses. UNSAFE: for debugging, by name only.

Student code runs as the user who grades, on the same files, with the same network. Calls, limits of
time and the wire work as in a sandbox; nothing else is limited.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from autograder.sandbox.backends import launcher
from autograder.sandbox.backends.interpreter import start_interpreter
from autograder.sandbox.backends.namespace import public_paths
from autograder.sandbox.interface import SlotConfig


def make_scratch(config: SlotConfig) -> Path:
    """Return a folder that stands for the private tmpfs, with copies of the public files in `course`."""
    scratch = Path(tempfile.mkdtemp(prefix="autograder-none-"))
    course = scratch / "course"
    try:
        course.mkdir()
        for source, inside in public_paths(config.public_files):
            target = course / Path(inside).name
            if os.path.isdir(source):
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return scratch


def start(stream: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the relay with `stream` as its standard input and output."""
    root = str(Path(__file__).parents[1])
    return start_interpreter(launcher.RELAY, [root], stream, errors)
