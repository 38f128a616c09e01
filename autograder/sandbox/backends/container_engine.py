"""Podman and Docker as the rest of the package sees them: which are there, which image, which options a slot needs.

The plain command line is used, and not a client library: what a slot needs of an engine is four
commands (run, rm, image inspect, version) whose options both engines share but for a few, and a slot's
data does not pass through the engine at all (see `container`).
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.sandbox.interface import Limits, SandboxFault

ENGINES = ("podman", "docker")  # in this order: Podman needs no daemon that runs as root
DEFAULT_IMAGE = "localhost/autograder:latest"
PYTHON = "/opt/environment/bin/python"  # of every image
PACKAGES = "/opt/packages"
LOCK_LABEL = "autograder.lock"
SLOT_LABEL = "autograder.slot=1"
ENGINE_VARIABLE = "AUTOGRADER_ENGINE"  # podman | docker: which to take where both are there

ASK_SECONDS = 30.0
OPEN_FILES = 1024  # more than a student process has, and than the relay needs
PROCESSES_BESIDE = 8  # relay, zygote, and what is just being born or buried
ZYGOTE_BYTES = 768 << 20  # what the relay and the zygote may use beside the student process
TMP_BYTES = 64 << 20  # of the zygote; student processes cover it with their own
CGROUP2 = Path("/sys/fs/cgroup/cgroup.controllers")


@dataclass(frozen=True)
class ContainerImage:
    """An image that is on this machine. `digest` is its identifier: sha256:…, of everything that is in it."""

    name: str
    digest: str
    labels: Mapping[str, str] = field(default_factory=dict)
    size_bytes: int = 0


@dataclass(frozen=True)
class Engine:
    """One container engine that answers. command: the program, and options that stand before every subcommand."""

    name: str
    command: tuple[str, ...]
    version: str
    rootless: bool

    def ask(self, *arguments: str, seconds: float = ASK_SECONDS, environment: Mapping[str, str] | None = None) -> str:
        """Return what the engine prints for a subcommand. Raises SandboxFault with its last line where it fails.

        environment: variables beside those of this process.
        """
        try:
            done = subprocess.run(
                [*self.command, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                env={**os.environ, **(environment or {})},
            )
        except subprocess.TimeoutExpired:
            raise SandboxFault(f"`{self.name} {arguments[0]}` did not answer within {seconds:.0f} s") from None
        except OSError as error:
            raise SandboxFault(f"{self.name} cannot be started: {error.strerror}") from error
        if done.returncode:
            raise SandboxFault(f"`{self.name} {arguments[0]}` failed: {last_line(done.stderr) or done.returncode}")
        return done.stdout

    def image(self, name: str) -> ContainerImage:
        """Return the image of this name, identifier or digest. Raises SandboxFault if it is not on this machine."""
        try:
            text = self.ask("image", "inspect", name)
        except SandboxFault as fault:
            raise SandboxFault(
                f"{self.name} has no image {name} on this machine ({fault}): build it with `autograder image build`, "
                "or fetch the one that is meant"
            ) from fault
        found: dict[str, Any] = json.loads(text)[0]
        labels = found.get("Labels") or (found.get("Config") or {}).get("Labels") or {}
        digest = str(found["Id"])
        digest = digest if digest.startswith("sha256:") else f"sha256:{digest}"
        return ContainerImage(name, digest, labels, int(found.get("Size") or 0))


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:500] if lines else ""


def find_engine(name: str | None = None) -> Engine:
    """Return the engine called `name`, or the first that answers. Raises SandboxFault which says what to install."""
    wanted = name or os.environ.get(ENGINE_VARIABLE, "")
    if wanted and wanted not in ENGINES:
        raise SandboxFault(f"there is no container engine {wanted!r}: known are {', '.join(ENGINES)}")
    faults = []
    for candidate in (wanted,) if wanted else ENGINES:
        path = shutil.which(candidate)
        if path is None:
            faults.append(f"{candidate} is not installed")
            continue
        try:
            return _probe(candidate, path)
        except SandboxFault as fault:
            faults.append(str(fault))
    advice = "" if wanted else ". Install podman (Debian: apt install podman runc)"
    raise SandboxFault(f"no container engine: {'; '.join(faults)}{advice}")


def _probe(name: str, path: str) -> Engine:
    command = (path, *_runtime(name))
    if name == "docker":
        # Answers only where the daemon does.
        version = Engine(name, command, "", False).ask("version", "--format", "{{.Server.Version}}")
        return Engine(name, command, version.strip(), rootless=False)
    version = Engine(name, command, "", False).ask("--version").strip().rsplit(" ", 1)[-1]
    return Engine(name, command, version, rootless=os.getuid() != 0)


def _runtime(name: str) -> tuple[str, ...]:
    """Return runc where Podman's usual runtime refuses: on machines that have both generations of cgroups."""
    if name == "podman" and not CGROUP2.exists() and (runc := shutil.which("runc")):
        return ("--runtime", runc)
    return ()


@dataclass(frozen=True)
class Mount:
    """A folder of the host shown read-only inside."""

    source: str
    target: str


def run_arguments(
    engine: Engine, limits: Limits, *, name: str, uid: int, profile: str, mounts: Sequence[Mount]
) -> list[str]:
    """Return `run` with everything that confines a slot, up to and without the image.

    uid: user and group of everything inside, as the engine takes it; never 0. profile: path of the seccomp profile.
    """
    if uid == 0:
        raise SandboxFault("a container slot must not run as uid 0")
    memory = limits.memory_bytes + limits.tmpfs_bytes + ZYGOTE_BYTES
    cpus = min(limits.cpus, os.cpu_count() or 1)
    arguments = [
        "run", "--rm", "--name", name, "--label", SLOT_LABEL, "--hostname", "slot", "--pull", "never",
        "--network", "none", "--read-only", "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--security-opt", f"seccomp={profile}",
        "--user", f"{uid}:{uid}", "--workdir", "/", "--ipc", "private", "--cgroupns", "private",
        "--memory", str(memory), "--memory-swap", str(memory), "--cpus", f"{cpus:g}",
        "--pids-limit", str(limits.processes + PROCESSES_BESIDE),
        "--ulimit", _ulimit("nofile", resource.RLIMIT_NOFILE, OPEN_FILES),
        "--ulimit", _ulimit("nproc", resource.RLIMIT_NPROC, 4096), "--ulimit", "core=0:0",
        "--log-driver", "none", "--shm-size", "64k",
        "--tmpfs", f"/tmp:rw,nosuid,nodev,size={TMP_BYTES},mode=1777",
        # Queues made here would outlast the student process that made them: an empty folder covers the place.
        "--tmpfs", "/dev/mqueue:ro,nosuid,nodev,noexec,size=4k,mode=0555",
    ]  # fmt: skip
    arguments += _only_podman(engine) if engine.name == "podman" else ["--security-opt", "systempaths=unconfined"]
    if Path("/sys/module/apparmor/parameters/enabled").exists():
        arguments += ["--security-opt", "apparmor=unconfined"]  # the engines' profile refuses the nested mounts
    if Path("/sys/fs/selinux/enforce").exists():
        arguments += ["--security-opt", "label=disable"]  # else the stream's socket cannot be reached
    for mount in mounts:
        arguments += ["--mount", f"type=bind,source={mount.source},target={mount.target},readonly"]
    return arguments


def _only_podman(engine: Engine) -> list[str]:
    arguments = ["--read-only-tmpfs=false", "--no-hosts", "--no-healthcheck", "--image-volume", "ignore"]
    # A fresh /proc can be mounted by a lesser user namespace only where none of it is covered yet.
    arguments += ["--security-opt", "unmask=ALL"]
    if engine.rootless:
        arguments += ["--userns", "keep-id"]
    return arguments


def _ulimit(name: str, what: int, wanted: int) -> str:
    """Return `name=soft:hard`; a limit that is lower already cannot be raised."""
    hard = resource.getrlimit(what)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    return f"{name}={value}:{value}"
