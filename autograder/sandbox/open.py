"""open_slot(): the strongest sandbox that can be had, or the one asked for."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

from autograder.sandbox.backends import container
from autograder.sandbox.backends import container_engine
from autograder.sandbox.backends import namespace
from autograder.sandbox.backends import none
from autograder.sandbox.doctor import passed
from autograder.sandbox.backends.container_engine import Engine
from autograder.sandbox.inside.config import InsideConfig
from autograder.sandbox.interface import SandboxFault, Slot, SlotConfig
from autograder.sandbox.doctor.selftest import self_test
from autograder.sandbox.stream_slot import StreamSlot

ADVICE = (
    "Namespaces need Linux 5.14 or newer and the right to make them: see that the sysctl "
    "user.max_user_namespaces is not 0, that kernel.unprivileged_userns_clone is not 0, that "
    "kernel.apparmor_restrict_unprivileged_userns is 0 (or run as root), and that a container around this allows "
    "unshare and mount. `autograder doctor` shows what fails. The backend `none` is no sandbox "
    "and is only taken by name"
)


def open_slot(backend: Literal["container", "namespace", "none", "auto"], config: SlotConfig) -> Slot:
    """Start a slot. `auto` takes the strongest backend that passes its self-test, and never `none`.

    Raises SandboxFault, with what to do about it, where the slot cannot be had.
    """
    if backend == "none":
        return open_bare(config)
    if backend == "namespace":
        return open_namespace(config)
    if backend == "container":
        return open_container(config)
    if backend == "auto":
        return _open_strongest(config)
    raise SandboxFault(f"there is no sandbox backend {backend!r}: known are auto, container, namespace, none")


def _open_strongest(config: SlotConfig) -> StreamSlot:
    """The first of the backends, from the strongest down, that opens and passes its self-test.

    What passed is remembered until the machine starts anew (see `passed`). A container is tried only where the
    default image, or the one that was asked for, is there: asking for an image is asking for a container.
    """
    faults = []
    openers = {"container": open_container, "namespace": open_namespace}
    for name in ("container",) if config.image else ("container", "namespace"):
        try:
            slot = openers[name](config)
        except SandboxFault as fault:
            faults.append(f"{name}: {fault}")
            continue
        failures = _tested(slot, config)
        if not failures:
            return slot
        slot.close()
        faults.append(f"{name} fails its self-test: {'; '.join(failures)}")
    raise SandboxFault(f"no sandbox can be had on this machine. {'. '.join(faults)}. {ADVICE}")


def _tested(slot: StreamSlot, config: SlotConfig) -> list[str]:
    """What does not hold, in words: in the slot itself, then in one of its kind that is attacked as by `autograder
    doctor`. Closes the slot where the test itself breaks."""
    if passed.recently(slot.backend, slot.image):
        return []
    from autograder.sandbox.doctor.examine import examine  # it opens slots by name, as anyone does

    try:
        failures = self_test(slot, config.limits)
        if not failures:
            examined = examine("container" if slot.backend == "container" else "namespace", slot.image)
            failures = [f"{check.name}: no ({check.found})" for check in examined.checks if not check.ok]
    except BaseException:
        slot.close()
        raise
    if not failures:
        passed.remember(slot.backend, slot.image)
    return failures


def open_container(config: SlotConfig, engine: Engine | None = None) -> StreamSlot:
    """A slot in a container of `engine`, or of the first engine that answers. Raises SandboxFault."""
    slot = container.start_container(config, engine)
    inside = replace(
        inside_config(config, confined=True, memory_cgroup=False),
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
        memory_cgroup=False,
        kept_paths=[path for path in plan.binds if path.startswith(("/tmp/", "/dev/shm/"))],
    )
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
    process = namespace.start(plan, theirs, errors)
    return _opened("namespace", process, ours, theirs, errors, config, inside, None)


def open_bare(config: SlotConfig, *, confined: bool = False) -> StreamSlot:
    """A slot whose relay is a plain subprocess. `confined` asks for confined forks all the same, as a backend does
    whose relay starts inside a container."""
    scratch = none.make_scratch(config)
    inside = inside_config(config, confined=confined, memory_cgroup=False, scratch=scratch)
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
    process = none.start(theirs, errors)
    return _opened("none", process, ours, theirs, errors, config, inside, scratch)


def inside_config(
    config: SlotConfig,
    *,
    confined: bool,
    memory_cgroup: bool,
    scratch: Path | None = None,
    kept_paths: Sequence[str] = (),
) -> InsideConfig:
    limits = config.limits
    return InsideConfig(
        preload=tuple(config.preload),
        import_paths=namespace.import_paths(),
        confined=confined,
        memory_cgroup=memory_cgroup,
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
