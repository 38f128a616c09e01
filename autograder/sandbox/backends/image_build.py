"""The image of the backend `container`: what it is built from, and whether one holds what it should.

`autograder image build` downloads the locked wheels with this environment's own pip, as it is configured, and builds
from them without any network: so no address and no password of a package index can get into a layer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.backends.container_engine import (
    DEFAULT_IMAGE,
    LOCK_LABEL,
    PACKAGES,
    PYTHON,
    ContainerImage,
    Engine,
    last_line,
)
from autograder.sandbox.interface import SandboxFault

SOURCES = Path(__file__).parent / "image"
LOCK = SOURCES / "requirements.txt"
BASE_PYTHON = "3.11"  # of the default base and of Debian 12
DEBIAN_BASE = "localhost/autograder-base:bookworm"
DEBIAN_PACKAGES = "python3,python3-venv,ca-certificates"
BUILD_SECONDS = 1800.0
CHECK_SECONDS = 120.0
DIAGNOSE = """
import importlib.metadata, json, os, sys
folders = [f"/{name}" for name in os.listdir("/") if name not in ("proc", "sys", "dev")]
setuid, found = [], []
words = ("hidden_tests", "course.yaml", ".course_secret", "solution.py", "roster.csv", "pip.conf", ".netrc", "id_rsa")
for top in folders:
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if name in words and not path.startswith("/usr/share/doc"):
                found.append(path)
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if mode & 0o6000 and not os.path.islink(path):
                setuid.append(path)
versions = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in importlib.metadata.distributions()}
print(json.dumps({"uid": os.getuid(), "python": sys.version.split()[0], "setuid": setuid, "found": found,
                  "versions": versions, "packages": os.path.isdir("/opt/packages")}))
"""


@dataclass(frozen=True)
class Built:
    image: ContainerImage
    download_seconds: float
    build_seconds: float


def lock_digest() -> str:
    """Return SHA-256 of the locked versions, as an image's label names it."""
    return hashlib.sha256("\n".join(locked()).encode()).hexdigest()


def locked() -> list[str]:
    """Return the lines `name==version` of the lock."""
    return [line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]


def build(
    engine: Engine,
    say: Callable[[str], None],
    *,
    tag: str = DEFAULT_IMAGE,
    base: str = "",
    python: str = BASE_PYTHON,
    variant: str = "cpu",
    pip_options: Sequence[str] = (),
) -> Built:
    """Build the image `tag`. Raises SandboxFault with what failed.

    base: image to build on, which has `python3` of version `python` with venv; the Containerfile's own by default.
    pip_options: more options for the download, e.g. an index that has the wheels of the wanted variant.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-image-") as made:
        context = Path(made)
        shutil.copy(SOURCES / "Containerfile", context)
        shutil.copy(LOCK, context)
        say("downloading the locked wheels")
        started = time.monotonic()
        _download(context, python, pip_options)
        downloaded = time.monotonic()
        say("building")
        arguments = ["build", "--file", str(context / "Containerfile"), "--tag", tag, "--network", "none"]
        arguments += ["--build-arg", f"LOCK={lock_digest()}", "--build-arg", f"VARIANT={variant}"]
        arguments += ["--build-arg", f"BASE={base}"] if base else []
        # The same layers whenever they are built. Podman starts its steps with limits that it may not be allowed.
        if engine.name == "podman":
            arguments += ["--timestamp", "0", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
        # The Containerfile mounts wheels for one step, which Docker's old builder (its default until 23.0) cannot.
        engine.ask(*arguments, str(context), seconds=BUILD_SECONDS, environment={"DOCKER_BUILDKIT": "1"})
        finished = time.monotonic()
    return Built(engine.image(tag), downloaded - started, finished - downloaded)


def _download(context: Path, python: str, pip_options: Sequence[str]) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--progress-bar", "off", "--no-deps"]
    command += ["--only-binary", ":all:", "--python-version", python, "--dest", str(context / "wheels")]
    command += ["--requirement", str(LOCK), *pip_options]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BUILD_SECONDS)
    except subprocess.TimeoutExpired:
        raise SandboxFault(f"downloading the wheels took more than {BUILD_SECONDS:.0f} s") from None
    if done.returncode:
        raise SandboxFault(
            f"the locked wheels ({LOCK}) could not be downloaded: {last_line(done.stderr)}. "
            "See that pip reaches a package index from here, or give --pip-option"
        )


def debian_base(engine: Engine, say: Callable[[str], None]) -> str:
    """Make a base image from Debian's packages, where no registry can be reached. Raises SandboxFault."""
    program = shutil.which("mmdebstrap")
    if program is None:
        raise SandboxFault("mmdebstrap is not installed, which makes a base image (Debian: apt install mmdebstrap)")
    say("making a base image from Debian's packages")
    with tempfile.TemporaryDirectory(prefix="autograder-base-") as made:
        archive = Path(made) / "base.tar"
        command = [program, "--quiet", "--variant=minbase", f"--include={DEBIAN_PACKAGES}"]
        # Names of this machine that the tool copies for its own use.
        command += ['--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/hostname"', "bookworm", str(archive)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise SandboxFault(f"mmdebstrap failed: {last_line(done.stderr)}")
        engine.ask("import", str(archive), DEBIAN_BASE, seconds=BUILD_SECONDS)
    return DEBIAN_BASE


def check(engine: Engine, image: ContainerImage) -> list[str]:
    """Return what is wrong with an image, in words; nothing where it can be used. Raises SandboxFault if it cannot
    run.
    """
    command = ["run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--pull", "never"]
    command += ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096", "--log-driver", "none"]
    if engine.name == "podman":
        command += ["--attach", "stdout"]
    text = engine.ask(*command, image.digest, PYTHON, "-B", "-c", DIAGNOSE, seconds=CHECK_SECONDS)
    seen: dict[str, Any] = json.loads(text)
    problems = []
    if image.labels.get(LOCK_LABEL) != lock_digest():
        problems.append("it was built from other locked versions than this grader's: build it again")
    if seen["uid"] == 0:
        problems.append("its user is root")
    if not seen["packages"]:
        problems.append(f"it has no {PACKAGES}")
    problems += [f"a program changes the user: {path}" for path in seen["setuid"]]
    problems += [f"it holds what it must not: {path}" for path in seen["found"]]
    for line in locked():
        name, _, version = line.partition("==")
        found = seen["versions"].get(name)
        if found is None or found.split("+")[0] != version:
            problems.append(f"{name} is {found or 'missing'}, {version} is locked")
    return problems
