"""What `autograder doctor` finds out: what this machine has, and which confinement holds in each backend.

A backend is examined in a slot of its own, by hostile code: it passes when every check holds. The checks of the
self-test come first (`selftest`); those that use up memory and processes, and the search for a hidden file, are
made here only.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.sandbox.backends.container_engine import DEFAULT_IMAGE, ENGINES, LOCK_LABEL, Engine, find_engine
from autograder.sandbox.backends.image_build import lock_digest
from autograder.sandbox.doctor import selftest_user
from autograder.sandbox.doctor.selftest import by_user, meanings, self_test
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits, SandboxFault, SlotConfig
from autograder.sandbox.open import open_named
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentError, StudentProcess

Backend = Literal["container", "namespace", "confined-uid"]
BACKENDS: tuple[Backend, ...] = ("container", "namespace")  # those that `auto` takes, strongest first
BY_NAME: tuple[Backend, ...] = ("confined-uid",)  # those that are taken and examined by name only
LIMITS = Limits(memory_bytes=256 << 20, processes=24, tmpfs_bytes=32 << 20, cell_seconds=20, submission_seconds=60)
CELL_SECONDS = 20.0
NEEDED_KERNEL = (5, 14)

FORKS = """
import os, signal, time
count = 0
try:
    while count < 1000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError:
    pass
print(count)
"""
MEMORY = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        hoard = bytearray(b"x") * (128 << 20)
        time.sleep(20)
        os._exit(0)
hoard = [bytearray(b"x") * (64 << 20) for _ in range(8)]
time.sleep(2)
"""
FIND_AS_USER = """
import os
print(os.path.exists({path!r}), os.access({folder!r}, os.R_OK) or os.access({folder!r}, os.X_OK))
"""
FIND = """
import os
print(os.path.exists({path!r}), os.path.exists({folder!r}))
"""


@dataclass(frozen=True)
class DoctorCheck:
    """One line of the table. advice: what to do where it does not hold."""

    name: str
    ok: bool
    found: str = ""
    advice: str = ""


@dataclass
class Examined:
    """One backend. `usable` where every check holds."""

    backend: Backend
    checks: list[DoctorCheck] = field(default_factory=list)
    start_seconds: float = 0.0
    image: str = ""

    @property
    def usable(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "usable": self.usable}


def machine() -> list[DoctorCheck]:
    """Return what the machine has. A missing engine is no failure of the machine: it only rules a backend out."""
    release = platform.release()
    numbers = tuple(int(word) for word in release.split("-")[0].split(".")[:2] if word.isdigit())
    checks = [
        DoctorCheck(
            "kernel", numbers >= NEEDED_KERNEL, release, f"Linux {'.'.join(map(str, NEEDED_KERNEL))} or newer is needed"
        ),
        _switch("/proc/sys/user/max_user_namespaces", lambda value: value > 0, "sysctl user.max_user_namespaces=15000"),
        _switch(
            "/proc/sys/kernel/unprivileged_userns_clone",
            lambda value: value > 0 or os.getuid() == 0,
            "sysctl kernel.unprivileged_userns_clone=1, or run as root",
        ),
        _switch(
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            lambda value: value == 0 or os.getuid() == 0,
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root",
        ),
        DoctorCheck(
            "system call filters",
            Path("/proc/sys/kernel/seccomp").exists(),
            "" if Path("/proc/sys/kernel/seccomp").exists() else "none",
            "a kernel with CONFIG_SECCOMP_FILTER is needed",
        ),
    ]
    return [*(check for check in checks if check is not None), *engines(), image()]


def _switch(path: str, good: Callable[[int], bool], advice: str) -> DoctorCheck | None:
    """Return one of the kernel's settings; None if this kernel has no such setting, which is as good as its being
    open.
    """
    try:
        value = int(Path(path).read_text())
    except (OSError, ValueError):
        return None
    return DoctorCheck(path.rpartition("/")[2], good(value), str(value), advice)


def engines() -> list[DoctorCheck]:
    found = []
    for name in ENGINES:
        try:
            engine = find_engine(name)
        except SandboxFault as fault:
            installed = shutil.which(name) is not None
            advice = f"see that {name} runs: {fault}" if installed else _INSTALL[name]
            found.append(DoctorCheck(name, False, "does not answer" if installed else "not installed", advice))
        else:
            how = "without root" if engine.rootless else "as root"
            found.append(DoctorCheck(name, True, f"{engine.version}, {how}"))
            if engine.name == "podman":
                found += podman_settings(engine)
    return found


def podman_settings(engine: Engine) -> list[DoctorCheck]:
    """Return what Podman lacks without saying so: a storage that shares layers, and a cgroup to write limits into."""
    try:
        storage, cgroups = engine.ask("info", "--format", "{{.Store.GraphDriverName}} {{.Host.CgroupsVersion}}").split()
    except (SandboxFault, ValueError):
        return []  # another version's words; the sandbox itself is examined below
    shared = DoctorCheck("podman's storage", storage != "vfs", storage, f"each slot copies the whole image: {_OVERLAY}")
    if not engine.rootless or cgroups != "v1":
        return [shared]
    bound = "the engine's own limits do not bind; those of each student process do, as is examined below"
    return [shared, DoctorCheck("podman's cgroups", False, cgroups, f"{bound}. A kernel with cgroups v2 has both")]


_OVERLAY = (
    'write `[storage]` and `driver = "overlay"` into ~/.config/containers/storage.conf, run `podman system reset` '
    "(which removes all images), and build ours again"
)


_INSTALL = {
    "podman": "Debian, Ubuntu: apt install podman runc. Fedora: dnf install podman",
    "docker": "only where Podman is not wanted: see the engine's own documentation",
}


def image() -> DoctorCheck:
    """Return whether the default image is there, and of this version's lock."""
    try:
        found = find_engine().image(DEFAULT_IMAGE)
    except SandboxFault:
        return DoctorCheck("image", False, "missing", "autograder image build")
    if found.labels.get(LOCK_LABEL) != lock_digest():
        return DoctorCheck("image", False, "stale: built from other locked versions", "autograder image build")
    return DoctorCheck("image", True, f"{found.digest[:19]}, {found.size_bytes / 1e9:.1f} GB")


def examine(backend: Backend, image_name: str = "") -> Examined:
    """Open a slot and attack it. Never raises for what it finds."""
    examined = Examined(backend)
    with tempfile.TemporaryDirectory(prefix="autograder-doctor-") as folder:
        secret = Path(folder) / "hidden_tests.py"
        secret.write_text("# nobody must see this\n")  # in a folder that is closed, as a course must be
        started = time.monotonic()
        try:
            slot = open_named(backend, SlotConfig([], [], LIMITS, image=image_name, hidden_paths=[secret]))
        except SandboxFault as fault:
            examined.checks.append(DoctorCheck("a slot opens", False, str(fault), "see the lines above"))
            return examined
        examined.start_seconds, examined.image = time.monotonic() - started, slot.image
        assert isinstance(slot, StreamSlot)
        with slot:
            examined.checks += [
                DoctorCheck("a slot opens", True, f"{examined.start_seconds:.1f} s, {slot.backend}"),
                *_confinement(slot),
            ]
            examined.checks += _exhaustion(slot, secret)
    return examined


def _confinement(slot: StreamSlot) -> list[DoctorCheck]:
    try:
        failures = self_test(slot, LIMITS)
    except SandboxFault as fault:
        return [DoctorCheck("self-test", False, str(fault), _REPORT)]
    good = selftest_user.GOOD if by_user(slot) else GOOD
    expected = {meaning: good[name] for name, meaning in meanings(slot).items()}
    checks = [DoctorCheck(words, meaning not in failures, "", _REPORT) for meaning, words in expected.items()]
    others = [failure for failure in failures if failure not in expected]
    return [*checks, DoctorCheck("no rights, filtered, not root", not others, "; ".join(others), _REPORT)]


_REPORT = "do not grade with this backend here; docs/security.md says how to report it"
GOOD = {
    "network": "the network is out of reach",
    "vsock": "the host is out of reach by vsock",
    "namespaces": "no new user namespace",
    "settings": "kernel settings are covered",
    "files": "the tree is read-only",
    "alone": "no other process is seen",
    "bounded": "files are bounded",
}


def _exhaustion(slot: StreamSlot, secret: Path) -> list[DoctorCheck]:
    """Try memory, processes and a hidden file, each in a student process of its own."""
    checks = []
    for name, source, judge in (
        (
            "a hidden file is out of reach",
            (FIND_AS_USER if by_user(slot) else FIND).format(path=str(secret), folder=str(secret.parent)),
            _says("False False"),
        ),
        ("a fork bomb is contained", FORKS, _at_most(LIMITS.processes)),
        ("the memory limit holds", MEMORY, None),
    ):
        ok, found = _attack(slot, source, judge)
        checks.append(DoctorCheck(name, ok, found, _REPORT))
    return checks


def _attack(slot: StreamSlot, source: str, judge: Callable[[str], bool] | None) -> tuple[bool, str]:
    """Run one cell. With `judge`, its printed text decides; without, it must meet the limit of memory."""
    try:
        student = StudentProcess(slot.start_student(), LIMITS)
        reply = student.run_cell(source, 0, CELL_SECONDS)
        text = "".join(str(output.get("text", "")) for output in reply.outputs).strip()
        if judge is not None:
            return judge(text), "" if judge(text) else text[:200]
        refused = reply.error is not None and "MemoryError" in str(reply.error)
        return refused, "" if refused else "it was given more than its limit"
    except ChannelClosed as closed:
        over = judge is None and closed.reason == "memory"
        return over, "" if over else str(closed)
    except (ChannelTimeout, StudentError, SandboxFault) as error:
        return False, str(error)
    finally:
        slot.end_student()


def _says(wanted: str) -> Callable[[str], bool]:
    return lambda text: text == wanted


def _at_most(most: int) -> Callable[[str], bool]:
    return lambda text: text.isdigit() and 0 < int(text) <= most
