"""Starts the programs around student code: a fresh interpreter with nothing of ours in its environment."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from autograder.sandbox.backends.launcher import ENVIRONMENT


def start_interpreter(
    program: str, arguments: Sequence[str], stream: socket.socket, errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the Python text `program` with `stream` as its standard input and output; it leads a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", program, *arguments],
        stdin=stream.fileno(),
        stdout=stream.fileno(),
        stderr=errors,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
