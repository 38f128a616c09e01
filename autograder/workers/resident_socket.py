"""How commands find and talk to the resident grader: a Unix socket of its owner's, and JSON lines over it.

Theory of operation
===================

The resident grader of a course listens on a socket whose name follows from the path of course.yaml, in a folder that
only its owner may enter. Both ends check the other's user id, so nobody else's process can take the grader's place or
ask it for anything. Requests and answers are one JSON object a line.

    {"op": "status"}                                        -> one line
    {"op": "stop"}                                          -> one line, when everything asked before is through
    {"op": "hand_in", "paths": [...], ...}                  -> lines as the run goes on, then {"event": "end", ...}
    {"op": "grade", "target": {...}, "engine": ...}         -> {"event": "ready"} or {"event": "refused", "reason"},
                                                               then Job lines in, Done lines out, in any order

Nothing heavy is imported here: who hands in one notebook waits for this module, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

_CREDENTIALS = struct.Struct("3i")


class ResidentGone(Exception):
    """No resident grader answers (any more)."""


def socket_path(course_path: Path, *, make: bool = False) -> Path:
    """Return the path of the socket for a course, in a folder that only this user may enter.

    make: whether to make that folder if it is missing. Raises ResidentGone if it is missing, somebody else's or open
    to others.
    """
    base = os.environ.get("XDG_RUNTIME_DIR") or os.path.join(tempfile.gettempdir(), f"autograder-{os.getuid()}")
    folder = Path(base) / "autograder"
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        about = folder.stat()
    except OSError as error:
        raise ResidentGone("no resident grader answers: none was started on this machine") from error
    if about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise ResidentGone(f"{folder} is not a folder of this user's alone; remove it, or set XDG_RUNTIME_DIR")
    return folder / (hashlib.sha256(str(course_path.resolve()).encode()).hexdigest()[:16] + ".sock")


class Connection:
    """A stream of JSON lines to the resident grader of a course. Raises ResidentGone wherever it does not answer."""

    def __init__(self, course_path: Path, *, wait_seconds: float = 0.0) -> None:
        end = time.monotonic() + wait_seconds
        while True:
            try:
                self._socket = _connect(socket_path(course_path))
                break
            except OSError as error:
                if time.monotonic() >= end:
                    raise ResidentGone(f"no resident grader answers for {course_path}") from error
                time.sleep(0.05)
        if peer_uid(self._socket) != os.getuid():
            self._socket.close()
            raise ResidentGone("what listens there is another user's")
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: Mapping[str, Any] | bytes) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ResidentGone("the resident grader went away") from error

    def receive(self) -> dict[str, Any]:
        """Return the next line. Raises ResidentGone at the end of the stream."""
        try:
            line = self._file.readline()
        except OSError as error:
            raise ResidentGone("the resident grader went away") from error
        if not line.endswith(b"\n"):
            raise ResidentGone("the resident grader went away")
        message = json.loads(line)
        assert isinstance(message, dict)
        return message

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end of a Unix socket."""
    _, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return int(uid)
