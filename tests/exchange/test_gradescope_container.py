"""The Gradescope zip where it is meant to run: as root in a container under Docker's default profile and capabilities.

    make test-gradescope [ENGINE=docker] [IMAGE=...] [PREFIX=folder of a Python] [PROFILE=default.json]

The container has 768 MB, half a processor and no network; the zip brings a wheelhouse. Docker puts its own profile on.
For Podman, whose own allows namespaces, PROFILE is Docker's as its source has it; without one, Podman's is used with
Docker's rules on namespaces, mounts and what else needs CAP_SYS_ADMIN there.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.exchange.gradescope.bundle import gradescope_bundle
from autograder.release.files import write_release
from autograder.release.starter import build_release
from autograder.sandbox.backends.image_build import DEBIAN_BASE
from tests.exchange.test_gradescope import ANSWERS, NAME, ROOT, SECRET, check_form, describe, hand_in, scores

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
ENGINE = os.environ.get("ENGINE") or "podman"
IMAGE = os.environ.get("IMAGE") or DEBIAN_BASE
# Where the image's own Python is older than the installed versions ask for, it gets this one's.
PREFIX = os.environ.get("PREFIX") or (sys.base_prefix if IMAGE == DEBIAN_BASE else "")
PODMANS = Path("/usr/share/containers/seccomp.json")
CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP"),
    *("NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"),
)
NEEDS_ADMIN = {
    *("bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount"),
    *("mount_setattr", "move_mount", "open_tree", "perf_event_open", "quotactl", "quotactl_fd", "setdomainname"),
    *("sethostname", "setns", "syslog", "umount", "umount2", "unshare", "keyctl", "add_key", "request_key"),
}
NEW_NAMESPACES = 0x7E020000  # the bits of clone's flags that Docker's profile refuses
HOSTILE = """\
import glob, os, socket
def refused(act):
    try:
        act()
    except Exception:
        return True
held = [refused(act) for act in (
    lambda: open("/autograder/source/course/.course_secret").read(),
    lambda: os.listdir("/autograder/source/course/solutions"),
    lambda: open("/autograder/results/results.json", "w"),
    lambda: open("/autograder/submission_metadata.json").read(),
    lambda: open("/tmp/left", "w"),
    lambda: open("/dev/shm/left", "w"),
    lambda: socket.socket(),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: os.kill(1, 9),
    lambda: os.setuid(0),
)]
if held != [True] * 10:
    fahrenheit = None
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        while True: pass
"""


def dockers_rules() -> dict[str, Any]:
    """Return Podman's profile without what only CAP_SYS_ADMIN may do under Docker's."""
    profile: dict[str, Any] = json.loads(PODMANS.read_text())
    for rule in profile["syscalls"]:
        if rule["action"] == "SCMP_ACT_ALLOW":
            rule["names"] = [name for name in rule["names"] if name not in NEEDS_ADMIN]
    allowed = [rule for rule in profile["syscalls"] if rule["names"]]
    allowed = [rule for rule in allowed if not NEEDS_ADMIN & set(rule["names"])]
    masked = {"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    allowed.append({"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [masked]})
    allowed.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38})
    return {**profile, "defaultErrnoRet": 1, "defaultErrno": "EPERM", "syscalls": allowed}


class Container:
    """One container with the zip unpacked at /autograder/source, on which `setup.sh` has run."""

    def __init__(self, root: Path, options: list[str]) -> None:
        command = [ENGINE, "run", "-d", "--network", "none", "--memory", "768m", "--cpus", "0.5", *options]
        command += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "-v", f"{root}:/autograder"]
        if PREFIX:
            command += ["-v", f"{PREFIX}:{PREFIX}:ro", "-e", f"PATH={PREFIX}/bin:{os.defpath}:/usr/sbin"]
        self.id = subprocess.run(
            [*command, IMAGE, "sleep", "7200"], check=True, capture_output=True, text=True, timeout=300
        ).stdout.strip()

    def run(self, *command: str, **environment: str) -> str:
        variables = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        done = subprocess.run(
            [ENGINE, "exec", *variables, self.id, *command], capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is /autograder there: the zip of the example course, with all its wheels, unpacked."""
    folder = tmp_path_factory.mktemp("gradescope")
    course_folder = folder / "words"
    shutil.copytree(ROOT / "examples" / "words", course_folder, ignore=shutil.ignore_patterns("__pycache__"))
    course = load_course(course_folder)
    for assignment in course.assignments:
        write_release(build_release(assignment))
    wheels = folder / "wheels"
    wheels.mkdir()
    bundled = [course, course.assignment(NAME), course_folder / "course.yaml", SECRET]
    needs = folder / "needs"
    _unpack(gradescope_bundle(*bundled).data, needs)  # type: ignore[arg-type]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "-d", str(wheels), "-r", "requirements.txt"]
    subprocess.run([*download, "-c", "constraints.txt"], cwd=needs, check=True, timeout=900)
    size = sum(wheel.stat().st_size for wheel in wheels.iterdir())
    print(f"\nwheelhouse: {size / 1e6:.0f} MB in {len(list(wheels.iterdir()))} files")
    place = folder / "autograder"
    (place / "submission").mkdir(parents=True)
    _unpack(gradescope_bundle(*bundled, wheelhouse=wheels).data, place / "source")  # type: ignore[arg-type]
    return place


def _unpack(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        opened.extractall(folder)


@pytest.fixture(scope="module")
def container(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    options = []
    if Path(ENGINE).name == "podman":
        profile = Path(os.environ.get("PROFILE") or tmp_path_factory.mktemp("profile") / "docker.json")
        if not profile.exists():
            profile.write_text(json.dumps(dockers_rules()))
        options = ["--security-opt", f"seccomp={profile}", "--cap-drop", "all"]
        options += [word for name in CAPABILITIES for word in ("--cap-add", name)]
    made = Container(root, options)
    try:
        for folder in Path(PREFIX).parents if PREFIX else ():  # it lies where users may look in, as any image's does
            made.run("chmod", "a+x", str(folder))
        begun = time.monotonic()
        made.run("bash", "/autograder/source/setup.sh")
        print(f"setup.sh: {time.monotonic() - begun:.0f} s with half a processor")
        yield made
    finally:
        subprocess.run([ENGINE, "rm", "-f", "-t", "0", made.id], capture_output=True, check=False)


def graded(root: Path, container: Container, landlock: str) -> dict[str, Any]:
    shutil.rmtree(root / "results", ignore_errors=True)
    begun = time.monotonic()
    container.run("bash", "/autograder/source/run_autograder", AUTOGRADER_LANDLOCK=landlock)
    print(f"run_autograder, Landlock {landlock}: {time.monotonic() - begun:.1f} s with half a processor")
    found: dict[str, Any] = json.loads((root / "results" / "results.json").read_text())
    check_form(found)
    return found


def test_no_namespace_is_to_be_had(container: Container) -> None:
    said = container.run("bash", "-c", "unshare --user true 2>&1; id -u; grep -E 'CapEff|Seccomp:' /proc/self/status")
    assert "Operation not permitted" in said
    assert "CapEff:\t00000000a80425fb" in said, "Docker's fourteen"
    assert "Seccomp:\t2" in said


@pytest.mark.parametrize("landlock", ["on", "off"])
def test_an_honest_hand_in(root: Path, container: Container, landlock: str) -> None:
    describe(root)
    shutil.rmtree(root / "submission")
    (root / "submission").mkdir()
    hand_in(root, ANSWERS)
    found = graded(root, container, landlock)
    assert scores(found) == {"Degrees Fahrenheit": 2.0, "The warmest day": 3.0, "Quiz": 0.0}
    level = found["extra_data"]["sandbox"]
    assert level.startswith("confined-uid"), level
    assert ("no Landlock" in level) == (landlock == "off"), level
    assert (root / "source" / "course").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("landlock", ["on", "off"])
def test_what_is_promised_holds_against_a_hostile_one(root: Path, container: Container, landlock: str) -> None:
    describe(root)
    shutil.rmtree(root / "submission")
    (root / "submission").mkdir()
    hand_in(root, {**ANSWERS, "fahrenheit": ANSWERS["fahrenheit"] + HOSTILE})
    found = graded(root, container, landlock)
    text = json.dumps(found)
    assert scores(found)["Degrees Fahrenheit"] == 2.0, "the cell takes its answer back where one act was not refused"
    assert SECRET.decode() not in text
    left = container.run("bash", "-c", "cat /proc/[0-9]*/status | grep ^Uid: | sort -u")
    assert {int(word) for line in left.splitlines() for word in line.split()[1:]} == {0}, (
        "nothing of another uid is left"
    )
    report = container.run("bash", "-c", "ls /tmp /dev/shm")
    assert "left" not in report
