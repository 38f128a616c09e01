"""Backend `container`: the relay and the zygote in a container of Podman or Docker, one for each slot.

Theory of operation. The engine makes the container and is not heard of again until its end: the slot's
stream is a Unix socket that the worker listens on in a private folder, mounted into the container. The relay
connects once, before anything else runs there; the worker takes that one connection, checks who made it, and
removes the socket. So no byte of a submission passes through the engine, its daemon or its logs, a round trip
costs what it costs in the backend `namespace`, and the peer's credentials tell the relay's pid, from which on
the watchdog and the self-test see everything by the host's /proc.

Inside, each student process is confined once more by the zygote, exactly as in the backend `namespace`: its own
user, PID, mount, network and IPC namespaces and tmpfs, no capabilities, its own filter. That is what keeps
students apart in a warm container; the container is the second wall. What is shown inside are copies,
made for this slot alone: the code that runs inside, and the assignment's public files. Of the course's folder
nothing is mounted.

Names and labels of containers hold random digits only.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autograder.sandbox.backends import container_engine, launcher, namespace
from autograder.sandbox.backends.container_engine import (
    DEFAULT_IMAGE,
    PYTHON,
    ContainerImage,
    Engine,
    Mount,
    find_engine,
)
from autograder.sandbox.backends.container_profile import profile
from autograder.sandbox.inside.process.confine import is_kernel_root
from autograder.sandbox.interface import SandboxFault, SlotConfig
from autograder.sandbox.stream_slot import ERROR_TAIL, StreamSlot

CONNECT_SECONDS = 60.0  # a container that starts on a busy machine with a cold disk
CLOSE_SECONDS = 45.0  # for the keeper to remove a container that does not end by itself
PREFIX = "autograder-slot-"
SOCKET = "stream"
RELAY = (
    "import socket, sys; sys.path.append('/sandbox'); stream = socket.socket(socket.AF_UNIX); "
    f"stream.connect('/sandbox/stream/{SOCKET}'); from inside.process.relay import main; "
    "main(stream.fileno())"
)
KEEPER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from autograder.sandbox.backends.container_keeper import main; main()"
)
CREDENTIALS = struct.Struct("iII")  # struct ucred: pid, uid, gid


@dataclass(frozen=True)
class Staged:
    """A private folder of the host with what one slot is shown."""

    folder: Path
    profile: Path
    mounts: tuple[Mount, ...]


class ContainerSlot(StreamSlot):
    """A slot whose relay was started by a container engine.

    relay: its pid on the host. uid_vouched: the relay was seen from here as an ordinary user, which nothing inside can
    see (`vouch`).
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stream: socket.socket,
        errors: IO[bytes],
        config: SlotConfig,
        image: ContainerImage,
        relay: int,
        uid_vouched: bool,
    ) -> None:
        super().__init__("container", process, stream, errors, config)
        self.image = image.digest
        self.uid_vouched = uid_vouched
        self._keeper = process
        self._relay = relay

    def relay_pid(self) -> int:
        return self._relay

    def close(self) -> None:
        """See interface.Slot. Does nothing the second time."""
        if self._keeper.stdin is not None and not self._keeper.stdin.closed:
            self._stream.close()
            self._keeper.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(CLOSE_SECONDS)
        super().close()


def choose_image(engine: Engine, wanted: str) -> ContainerImage:
    """Return the image asked for, by whatever name; without one the default image, which must be of this version's
    lock.

    Raises SandboxFault if it is missing or stale. One that was asked for may be of any age: that is how an old run
    is repeated.
    """
    image = engine.image(wanted or DEFAULT_IMAGE)
    from autograder.sandbox.backends.image_build import lock_digest

    if not wanted and image.labels.get(container_engine.LOCK_LABEL) != lock_digest():
        raise SandboxFault(
            f"the image {DEFAULT_IMAGE} is stale: it was built from other versions of the libraries than this grader "
            "locks. Build it again with `autograder image build`, or name the one that is meant with --image"
        )
    return image


def start_container(config: SlotConfig, engine: Engine | None = None) -> ContainerSlot:
    """Return a container whose relay is connected; its zygote is not started yet. Raises SandboxFault."""
    engine = engine or find_engine()
    image = choose_image(engine, config.image)
    staged = stage(config)
    listener = socket.socket(socket.AF_UNIX)
    process = None
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the slot closes it
    try:
        address = str(staged.folder / "stream" / SOCKET)
        bind(listener, address)
        os.chmod(address, 0o666)  # its folder is ours alone; the container's uid has to reach it
        listener.listen(1)
        name = PREFIX + secrets.token_hex(6)
        uid = slot_uid()
        arguments = container_engine.run_arguments(
            engine, config.limits, name=name, uid=uid, profile=str(staged.profile), mounts=staged.mounts
        )
        run = [*engine.command, *arguments, image.digest, PYTHON, "-I", "-S", "-B", "-c", RELAY]
        process = start_keeper(run, [*engine.command, "rm", "--force", name], staged.folder, errors)
        stream, relay = accept(listener, process, errors, uid)
        os.unlink(address)
    except BaseException as error:
        if process is not None:
            process.communicate()
        shutil.rmtree(staged.folder, ignore_errors=True)
        errors.close()
        if isinstance(error, OSError):
            raise SandboxFault(f"the container could not be started: {error}") from error
        raise
    finally:
        listener.close()
    return ContainerSlot(process, stream, errors, config, image, relay, uid_vouched=engine.rootless and vouch(uid))


def bind(listener: socket.socket, address: str) -> None:
    """Bind to a path of any length: the kernel takes 107 bytes, and a folder for temporary files may have more."""
    folder = os.open(os.path.dirname(address), os.O_PATH | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{os.path.basename(address)}")
    finally:
        os.close(folder)


def slot_uid() -> int:
    """Return the user of everything in a slot: as root one that nobody has (rule 1), else the one who grades."""
    return namespace.unused_uid() if namespace.own_uid_needed() else os.getuid()


def vouch(uid: int) -> bool:
    """Return True if `uid`, as this process knows it, is not the kernel's uid 0 as far as can be seen from here.

    An engine without root makes a user namespace for itself, in which the one who grades is uid 0, and below it that
    of the container. A container's map goes to the former, so that from inside an ordinary user looks like the kernel's
    uid 0. `accept` has seen the relay's uid from out here.
    """
    return not is_kernel_root(Path("/proc/self/uid_map").read_text(), uid)


def stage(config: SlotConfig) -> Staged:
    """Copy the code that runs inside and of the public files, readable by anyone who is shown them."""
    public = namespace.public_paths(config.public_files)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # 0700: the engine reaches into it, nobody else does
    try:
        inside = Path(launcher.__file__).parents[1] / "inside"
        for file in inside.rglob("*.py"):
            copy = folder / "inside" / file.relative_to(inside)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        (folder / "course").mkdir()
        for source, target in public:
            _copy(Path(source), folder / "course" / Path(target).name)
        (folder / "stream").mkdir()
        seccomp = folder / "seccomp.json"
        seccomp.write_text(json.dumps(profile()))
        for path in (folder / "inside", folder / "course", folder / "stream"):
            _readable(path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    mounts = (
        Mount(str(folder / "inside"), "/sandbox/inside"),
        Mount(str(folder / "course"), "/course"),
        Mount(str(folder / "stream"), "/sandbox/stream"),
    )
    return Staged(folder, seccomp, mounts)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _readable(top: Path) -> None:
    for folder, _, names in os.walk(top):
        os.chmod(folder, 0o755)  # public by definition, and behind a folder of ours
        for name in names:
            os.chmod(os.path.join(folder, name), 0o444)


def start_keeper(run: list[str], remove: list[str], folder: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[3])
    plan = json.dumps({"run": run, "remove": remove, "folder": str(folder)})
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", KEEPER, root, plan, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=errors,
        stderr=errors,
        cwd="/",
        start_new_session=True,
    )


def accept(
    listener: socket.socket, process: subprocess.Popen[bytes], errors: IO[bytes], uid: int
) -> tuple[socket.socket, int]:
    """Return the one connection of the relay, and its pid. Raises SandboxFault if the container ends before it
    comes.
    """
    deadline = time.monotonic() + CONNECT_SECONDS
    listener.settimeout(0.1)
    while True:
        try:
            stream, _ = listener.accept()
            break
        except TimeoutError:
            if process.poll() is not None:
                raise SandboxFault(f"the container did not start: {_tail(errors)}") from None
            if time.monotonic() > deadline:
                raise SandboxFault(f"the container did not start within {CONNECT_SECONDS:.0f} s") from None
    stream.settimeout(None)
    credentials = stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    pid, peer, _ = CREDENTIALS.unpack(credentials)
    if peer != uid or pid <= 0:
        stream.close()
        raise SandboxFault(f"the container runs as uid {peer}, {uid} was asked for: this engine cannot be used")
    return stream, pid


def _tail(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode(errors="replace")[-ERROR_TAIL:].strip()
