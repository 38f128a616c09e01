"""Engines and images that are missing, stale or odd; the options a slot is started with. No engine is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.backends.container import choose_image, stage
from autograder.sandbox.backends.container_engine import DEFAULT_IMAGE, Engine, Mount, find_engine, run_arguments
from autograder.sandbox.backends.container_profile import profile
from autograder.sandbox.backends.image_build import LOCK, lock_digest, locked
from autograder.sandbox.inside.process.seccomp import DENIED
from autograder.sandbox.interface import Limits, SandboxFault, SlotConfig

ROOT = Path(__file__).parents[3]
CONFINING = (
    "--network none", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges", "--user 4242:4242",
    "--memory 3221225472", "--memory-swap 3221225472", "--pids-limit 72", "--ipc private", "--log-driver none",
    "--ulimit core=0:0", "--pull never", "--rm",
)  # fmt: skip


def fake(folder: Path, name: str, script: str) -> None:
    """A program called `name` that runs `script` in a shell."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs; a podman is in it whose one image the file `image.json` describes."""
    folder = tmp_path / "programs"
    folder.mkdir()
    described = tmp_path / "image.json"
    fake(
        folder,
        "podman",
        f"""case "$*" in
*--version) echo "podman version 9.9.9";;
*"image inspect"*) if [ -e {described} ]; then while read -r line; do echo "$line"; done < {described}
  else echo "Error: no such image" >&2; exit 125; fi;;
*) echo "Error: asked for $*" >&2; exit 125;;
esac""",
    )
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("AUTOGRADER_ENGINE", raising=False)
    return folder


def describe(programs: Path, **labels: str) -> None:
    text = json.dumps([{"Id": "ab" * 32, "Labels": labels, "Size": 5}])
    (programs.parent / "image.json").write_text(text + "\n")


def test_without_an_engine_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_ENGINE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxFault, match=r"podman is not installed; docker is not installed\. Install podman"):
        find_engine()


def test_an_engine_that_does_not_answer_is_told(programs: Path) -> None:
    fake(programs, "docker", 'echo "Cannot connect to the daemon" >&2; exit 1')
    with pytest.raises(SandboxFault, match="docker version` failed: Cannot connect to the daemon"):
        find_engine("docker")
    assert find_engine().version == "9.9.9"


def test_the_engine_can_be_chosen_by_the_environment(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(programs, "docker", "echo 27.0")
    assert find_engine().name == "podman"
    monkeypatch.setenv("AUTOGRADER_ENGINE", "docker")
    assert find_engine().name == "docker"
    monkeypatch.setenv("AUTOGRADER_ENGINE", "rocket")
    with pytest.raises(SandboxFault, match="no container engine 'rocket': known are podman, docker"):
        find_engine()


def test_a_missing_image_says_how_to_build_it(programs: Path) -> None:
    with pytest.raises(SandboxFault, match=f"no image {DEFAULT_IMAGE} .*autograder image build"):
        choose_image(find_engine(), "")


def test_a_stale_image_is_refused_unless_it_is_asked_for(programs: Path) -> None:
    describe(programs, **{"autograder.lock": "of last term"})
    with pytest.raises(SandboxFault, match=r"is stale: .*autograder image build"):
        choose_image(find_engine(), "")
    assert choose_image(find_engine(), "sha256:" + "ab" * 32).digest == "sha256:" + "ab" * 32
    describe(programs, **{"autograder.lock": lock_digest()})
    assert choose_image(find_engine(), "").digest == "sha256:" + "ab" * 32


@pytest.mark.parametrize("name", ["podman", "docker"])
@pytest.mark.parametrize("rootless", [False, True])
def test_both_engines_get_every_wall(name: str, rootless: bool) -> None:
    if name == "docker" and rootless:
        pytest.skip("Docker is asked through its daemon, whoever asks")
    engine = Engine(name, (name,), "1", rootless)
    mounts = [Mount("/tmp/a", "/course")]
    text = " ".join(run_arguments(engine, Limits(), name="x", uid=4242, profile="/tmp/p.json", mounts=mounts))
    for wall in CONFINING:
        assert f" {wall} " in f" {text} ", wall
    assert "seccomp=/tmp/p.json" in text
    assert "type=bind,source=/tmp/a,target=/course,readonly" in text
    assert ("--userns keep-id" in text) == rootless
    assert ("systempaths=unconfined" in text) == (name == "docker")
    assert "--privileged" not in text
    assert "unconfined" not in text.replace("systempaths=unconfined", "").replace("apparmor=unconfined", "")


def test_cpus_are_no_more_than_the_machine_has() -> None:
    arguments = run_arguments(
        Engine("podman", ("podman",), "1", False), Limits(cpus=1000.0), name="x", uid=1, profile="p", mounts=[]
    )
    assert arguments[arguments.index("--cpus") + 1] == f"{os.cpu_count()}"


def test_a_slot_as_root_is_refused() -> None:
    with pytest.raises(SandboxFault, match="uid 0"):
        run_arguments(Engine("podman", ("podman",), "1", False), Limits(), name="x", uid=0, profile="p", mounts=[])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_profile_refuses_what_a_student_process_may_not_but_mounting(machine: str) -> None:
    made = profile(machine)
    refused = {name for rule in made["syscalls"] if "args" not in rule for name in rule["names"]}
    column = ("x86_64", "aarch64").index(machine)
    there = {name for name, numbers in DENIED.items() if numbers[column] is not None}
    assert refused - {"clone3"} == there - {"mount", "mount_setattr", "move_mount", "open_tree"}
    assert {"keyctl", "bpf", "io_uring_setup", "ptrace", "userfaultfd", "unshare", "setns", "umount2"} <= refused
    families = {rule["args"][0]["value"] for rule in made["syscalls"] if "args" in rule}
    assert {1, 2, 10}.isdisjoint(families)
    assert {16, 17, 38, 40} <= families  # netlink, packet, algorithms, vsock
    json.dumps(made)


def test_an_unknown_architecture_has_no_profile() -> None:
    with pytest.raises(OSError, match="no seccomp profile for the architecture vax"):
        profile("vax")


def test_the_lock_agrees_with_the_constraints() -> None:
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    known = {name.lower().replace("_", "-"): version for name, version in pinned.items()}
    for line in locked():
        name, version = line.split("==")
        assert known.get(name, version) == version, f"{LOCK}: {line}, constraints.txt says {known[name]}"
    names = {line.split("==")[0] for line in locked()}
    assert {"torch", "torchvision", "numpy", "matplotlib", "scikit-learn", "ipython", "safetensors", "pillow"} <= names
    assert not names & {"pytest", "nbgrader", "otter-grader", "pip"}


def test_what_a_container_is_shown_starts_a_relay_by_itself() -> None:
    staged = stage(SlotConfig([], [], Limits()))
    try:
        shown = next(mount.source for mount in staged.mounts if mount.target == "/sandbox/inside")
        modules = (
            f"inside.{'.'.join(file.relative_to(shown).with_suffix('').parts)}" for file in Path(shown).rglob("*.py")
        )
        command = (
            "import importlib, sys; sys.path.append(sys.argv[1]); list(map(importlib.import_module, sys.argv[2:]))"
        )
        program = [sys.executable, "-I", "-B", "-c", command, str(staged.folder), *modules]
        assert "inside.process.relay" in program
        assert "inside.answers.requests" in program
        subprocess.run(program, check=True)
    finally:
        shutil.rmtree(staged.folder)
