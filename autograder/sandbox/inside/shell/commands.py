"""Shell lines of a notebook (`!ls`, `%%bash`): run with a time limit, output bounded, failure is not an error."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
from time import monotonic

SECONDS = 10.0
MAX_BYTES = 100_000

_INSTALLER = re.compile(
    r"\s*(?:sudo\s+)?(?:\S*python[\d.]*\s+-m\s+)?"
    r"(?P<tool>pip[\d.]*|conda|mamba|micromamba|uv|apt|apt-get|npm|poetry)\s+(?:-\S+\s+)*(?P<verb>pip\s+)?(?:install|update|upgrade|add)\b"
)


def installer_note(command: str) -> str | None:
    """Return one line to print instead of running a command that installs packages; None for other commands."""
    found = _INSTALLER.match(command)
    if found is None:
        return None
    return f"[{found['tool']} was not run: packages cannot be installed while grading; installed ones are used]\n"


def run_command(command: str, seconds: float = SECONDS, limit: int = MAX_BYTES) -> tuple[str, int]:
    """Run `command` in a shell; return (standard output and error together, exit status).

    After `seconds` its process group is killed and the status is -9. Output beyond `limit` bytes is dropped.
    """
    note = installer_note(command)
    if note is not None:
        return note, 0
    try:
        process = subprocess.Popen(
            command,
            shell=True,  # the student's own command line, inside the sandbox
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # no shell, process limit, a NUL in the command
        return f"[could not be run: {error}]\n", 127
    try:
        chunks, dropped, ended = _read(process, monotonic() + seconds, limit)
    finally:  # also when the cell's own time limit interrupts us
        _kill_group(process)
    text = b"".join(chunks).decode("utf-8", "replace")
    if dropped:
        text += f"\n[... {dropped} bytes of output left out ...]\n"
    if not ended:
        text += f"\n[stopped after {seconds:g} s]\n"
    return text, process.returncode


def _read(process: subprocess.Popen[bytes], deadline: float, limit: int) -> tuple[list[bytes], int, bool]:
    """Return (chunks, bytes dropped, whether it ended by itself). Ends when the command ends, not when its children
    do.
    """
    assert process.stdout is not None
    chunks: list[bytes] = []
    kept = dropped = 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - monotonic()
            if left <= 0:
                return chunks, dropped, False
            ready = selector.select(min(left, 0.05))
            if not ready:
                if process.poll() is not None:
                    return chunks, dropped, True
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            part = data[: limit - kept]
            kept += len(part)
            dropped += len(data) - len(part)
            chunks.append(part)
    try:
        process.wait(max(deadline - monotonic(), 0.01))
    except subprocess.TimeoutExpired:
        return chunks, dropped, False
    return chunks, dropped, True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()  # the group is gone already; this does nothing where the process is too
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
