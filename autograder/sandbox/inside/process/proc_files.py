"""What the kernel says of other processes in /proc, read so that the names of processes cannot say anything.

A process gives itself and its threads names of up to fifteen bytes, any but zero. They stand as they are in `stat` and,
but for line feeds, in `status`: bytes that are no text in UTF-8, brackets, and what Python takes for the end of a line
and the kernel does not (carriage return, form feed, NEL). So these files are bytes here, cut at line feeds alone.
"""

from __future__ import annotations


def status_of(pid: int | str) -> dict[str, list[str]]:
    """Return field -> words of a process's `status`, "self" for this process's own. Raises OSError if it is gone."""
    with open(f"/proc/{pid}/status", "rb") as file:
        lines = file.read().split(b"\n")
    fields = (line.partition(b":") for line in lines if not line.startswith(b"Name:"))
    return {name.decode("ascii"): value.decode("ascii").split() for name, found, value in fields if found}


def state_of(pid: int, task: int | str) -> str:
    """Return the letter by which the kernel names what a thread does. Raises OSError if it is gone."""
    with open(f"/proc/{pid}/task/{task}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0].decode("ascii")
