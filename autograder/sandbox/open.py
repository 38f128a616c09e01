"""A slot of a backend that is asked for by name."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

from autograder.sandbox.backends import confined_uid, container, container_engine, namespace, none
from autograder.sandbox.backends.container_engine import Engine
from autograder.sandbox.inside.wire.config import InsideConfig
from autograder.sandbox.interface import SlotConfig
from autograder.sandbox.stream_slot import StreamSlot

Backend = Literal["container", "namespace", "confined-uid", "none"]


def open_named(backend: Backend, config: SlotConfig) -> StreamSlot:
    """Start a slot of this backend. Raises SandboxFault."""
    openers: dict[str, Callable[[SlotConfig], StreamSlot]] = {
        "container": open_container,
        "namespace": open_namespace,
        "confined-uid": open_confined_uid,
        "none": open_bare,
    }
    return openers[backend](config)


def open_container(config: SlotConfig, engine: Engine | None = None) -> StreamSlot:
    """Return a slot in a container of `engine`, or of the first engine that answers. Raises SandboxFault."""
    slot = container.start_container(config, engine)
    inside = replace(
        inside_config(config, confined=True),
        import_paths=(container_engine.PACKAGES,),
        uid_vouched=slot.uid_vouched,
    )
    try:
        slot.start(inside)
    except BaseException:
        slot.close()
        raise
    return slot


def open_namespace(config: SlotConfig) -> StreamSlot:
    plan = namespace.plan(config)
    inside = inside_config(
        config,
        confined=True,
        kept_paths=[path for path in plan.binds if path.startswith(("/tmp/", "/dev/shm/"))],
    )
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
    process = namespace.start(plan, theirs, errors)
    return _opened("namespace", process, ours, theirs, errors, config, inside, None)


def open_confined_uid(config: SlotConfig) -> StreamSlot:
    """Return a slot whose student processes are each a user of their own, without namespaces. Raises SandboxFault."""
    confined_uid.check(config)
    version = confined_uid.landlock_version()
    readable, listable = confined_uid.readable(config)
    scratch = confined_uid.make_scratch(config)
    with _removed_unless_opened(scratch):
        inside = replace(
            inside_config(config, confined=False, scratch=scratch),
            own_uids=confined_uid.uid_range(),
            landlock=version,
            readable=readable,
            listable=listable,
        )
        ours, theirs = socket.socketpair()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
        process = confined_uid.start(scratch, theirs, errors)
        return _opened(confined_uid.level(version), process, ours, theirs, errors, config, inside, scratch)


def open_bare(config: SlotConfig, *, confined: bool = False) -> StreamSlot:
    """Return a slot whose relay is a plain subprocess. `confined` asks for confined forks all the same, as a backend
    does whose relay starts inside a container."""
    scratch = none.make_scratch(config)
    with _removed_unless_opened(scratch):
        inside = inside_config(config, confined=confined, scratch=scratch)
        ours, theirs = socket.socketpair()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
        process = none.start(theirs, errors)
        return _opened("none", process, ours, theirs, errors, config, inside, scratch)


@contextmanager
def _removed_unless_opened(scratch: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def inside_config(
    config: SlotConfig,
    *,
    confined: bool,
    scratch: Path | None = None,
    kept_paths: Sequence[str] = (),
) -> InsideConfig:
    limits = config.limits
    return InsideConfig(
        preload=tuple(config.preload),
        import_paths=namespace.import_paths(),
        confined=confined,
        kept_paths=tuple(kept_paths),
        course="/course" if scratch is None else str(scratch / "course"),
        scratch="" if scratch is None else str(scratch),
        memory_bytes=limits.memory_bytes,
        processes=limits.processes,
        file_bytes=limits.file_bytes,
        tmpfs_bytes=limits.tmpfs_bytes,
        tmpfs_inodes=limits.tmpfs_inodes,
        output_bytes=limits.output_bytes,
    )


def _opened(
    backend: str,
    process: subprocess.Popen[bytes],
    ours: socket.socket,
    theirs: socket.socket,
    errors: IO[bytes],
    config: SlotConfig,
    inside: InsideConfig,
    scratch: Path | None,
) -> StreamSlot:
    theirs.close()
    slot = StreamSlot(backend, process, ours, errors, config, scratch)
    try:
        slot.start(inside)
    except BaseException:
        slot.close()
        raise
    return slot
