"""Which machines grade, and how a worker is started on each: the file that `autograder grade --hosts` reads.

Theory of operation
===================

A worker speaks lines of JSON over its standard input and output (`workers.messages`), so it does not matter what
carries them: `ssh`, `srun` and `kubectl exec -i` carry both streams to another machine. A host is therefore no more
than the words that come before the worker's own command, and how many workers it takes. Nothing listens, nothing is
pickled, and who may start a worker is decided by what already decides who may log in there.

When a launcher dies, or its connection, the worker's standard input ends, and the worker ends itself as it does when
the main process is killed.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder import __version__
from autograder.course.yaml_sections import Section, read_sections, refuse_duplicates

MOST_SLOTS = 1024
_KEYS = ("hosts", "dask")
_HOST_KEYS = ("name", "slots", "prefix", "shell", "python", "course", "environment")
_DASK_KEYS = ("scheduler", "ca", "certificate", "key")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_JOINS_WORDS = frozenset({"ssh", "gcloud"})  # these hand one line to a shell at the other end


@dataclass(frozen=True)
class Host:
    """One machine that grades.

    prefix: the words before the worker's command; none for this machine. shell: whether the prefix hands what follows
    to a shell at the other end, so that it has to be quoted. python: there, with this package installed. course: the
    course's folder there; it is sent where this is empty. environment: variables for the worker.
    """

    name: str
    slots: int = 1
    prefix: tuple[str, ...] = ()
    shell: bool = False
    python: str = "python3"
    course: str = ""
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def is_here(self) -> bool:
        """Return whether its workers are started without a launcher, on this machine."""
        return not self.prefix

    def command(self, environment: Mapping[str, str]) -> list[str]:
        """Return the words that start a worker; `environment` is what a worker elsewhere is given."""
        module = ["-P", "-m", "autograder.workers.worker", __version__]
        if self.is_here:
            return [sys.executable, *module]
        given = {**environment, **dict(self.environment)}
        words = ["env", *(f"{name}={value}" for name, value in given.items()), self.python, *module]
        return [*self.prefix, f"cd / && exec {shlex.join(words)}"] if self.shell else [*self.prefix, *words]


HERE = Host("this machine")


@dataclass(frozen=True)
class Scheduler:
    """A Dask scheduler, and the files by which it and we know each other: absolute paths."""

    address: str
    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Machines:
    """Hold what a file of hosts says: either hosts, or a scheduler that has workers of its own."""

    hosts: tuple[Host, ...] = ()
    scheduler: Scheduler | None = None

    @property
    def slots(self) -> int:
        return sum(host.slots for host in self.hosts)


def read_machines(path: Path) -> Machines:
    """Read a file of hosts. Raises CourseError with one message a mistake."""
    top = read_sections(path, _KEYS, "the file of hosts")
    scheduler = _scheduler(top, path.resolve().parent)
    hosts: list[Host] = []
    if ("hosts" in top) == ("dask" in top):
        top.notes.add(top.line, "both 'hosts' and 'dask'" if "hosts" in top else "neither 'hosts' nor 'dask'",
                      "one of them")  # fmt: skip
    elif "hosts" in top:
        names: list[tuple[str, int]] = []
        for section in top.sections("hosts", _HOST_KEYS, "host"):
            hosts.append(_host(section))
            names.append((hosts[-1].name, section.line_of("name")))
        refuse_duplicates(top.notes, names, "a host's name")
    top.notes.raise_if_any()
    return Machines(tuple(hosts), scheduler)


def fewest_needed(hosts: Sequence[Host], submissions: int) -> tuple[Host, ...]:
    """Return the hosts with no more slots in all than there are submissions, taken from each in turn."""
    wanted = dict.fromkeys(range(len(hosts)), 0)
    left = submissions
    while left > 0 and any(wanted[n] < host.slots for n, host in enumerate(hosts)):
        for n, host in enumerate(hosts):
            if left > 0 and wanted[n] < host.slots:
                wanted[n] += 1
                left -= 1
    return tuple(replace(host, slots=wanted[n]) for n, host in enumerate(hosts) if wanted[n])


def _host(section: Section) -> Host:
    name = section.text("name")
    section.name = f"host {name!r}" if name else section.name
    prefix = _words(section, "prefix")
    course = section.text("course", "")
    if course and not PurePosixPath(course).is_absolute():
        section.wrong("course", "the absolute path of the course's folder on that machine")
    environment: list[tuple[str, str]] = []
    for item in section.texts("environment"):
        if _VARIABLE.fullmatch(item.text):
            variable, _, value = item.text.partition("=")
            environment.append((variable, value))
        else:
            section.notes.add(item.line, f"{item.text!r} in 'environment' of {section.name}", "NAME=value")
    if not prefix:
        for key in ("python", "course", "environment", "shell"):
            if key in section:
                section.wrong(key, "no such key without a 'prefix': workers on this machine are as the command itself")
    return Host(
        name=name,
        slots=int(section.number("slots", 1, least=1, most=MOST_SLOTS, whole=True)),
        prefix=prefix,
        shell=section.flag("shell") if "shell" in section else bool(prefix) and _joins(prefix),
        python=section.text("python", "python3"),
        course=course,
        environment=tuple(environment),
    )


def _words(section: Section, key: str) -> tuple[str, ...]:
    """Return a command line as words, split as a shell would."""
    text = section.text(key, "")
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        section.wrong(key, f"a command line whose quotes are closed ({error})")
        return ()


def _joins(prefix: Sequence[str]) -> bool:
    return os.path.basename(prefix[0]) in _JOINS_WORDS


def _scheduler(top: Section, folder: Path) -> Scheduler | None:
    section = top.section("dask", _DASK_KEYS, "'dask'")
    if section is None:
        return None
    address = section.text("scheduler", expected="an address such as tls://head:8786")
    if address and not re.fullmatch(r"tls://[^/\s]+:\d+", address):
        section.wrong("scheduler", "tls://HOST:PORT; without TLS anybody on the network could run code on every worker")
    files: dict[str, Path] = {}
    for key in ("ca", "certificate", "key"):
        text = section.text(key, expected="the path of a PEM file")
        files[key] = folder / text
        if text and not files[key].is_file():
            section.wrong(key, f"the path of a PEM file; {files[key]} is not there")
    return Scheduler(address, files["ca"], files["certificate"], files["key"])
