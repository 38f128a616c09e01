"""`autograder doctor`: what it finds, what it advises, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.doctor import command
from autograder.sandbox.backends.container_engine import Engine
from autograder.sandbox.doctor import examine

EVERY = {
    "a slot opens", "the network is out of reach", "the host is out of reach by vsock", "no new user namespace",
    "kernel settings are covered", "the tree is read-only", "no other process is seen", "files are bounded",
    "no rights, filtered, not root", "a hidden file is out of reach", "a fork bomb is contained",
    "the memory limit holds",
}  # fmt: skip


def test_namespaces_hold_and_every_attack_is_listed() -> None:
    done = CliRunner().invoke(command, ["--backend", "namespace", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["ok"], found["auto"]) == (True, "namespace")
    [backend] = found["backends"]
    assert {check["name"]: check["ok"] for check in backend["checks"]} == dict.fromkeys(EVERY, True)
    assert {"kernel", "podman", "docker", "image"} <= {check["name"] for check in found["machine"]}


def test_a_container_holds(engine: Engine) -> None:
    done = CliRunner().invoke(command, ["--backend", "container"])
    assert done.exit_code == 0, done.output
    for name in EVERY:
        assert name in done.output
    assert "`auto` takes container." in done.output


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(command, ["--backend", "container"])
    assert done.exit_code == 1
    said = " ".join(done.output.replace("│", " ").split())
    assert "apt install podman runc" in said
    assert "autograder image build" in said
    assert "No sandbox holds here." in said
    assert "Traceback" not in said


def test_a_kernel_setting_that_forbids_is_named(tmp_path: Path) -> None:
    setting = tmp_path / "max_user_namespaces"
    setting.write_text("0\n")
    check = examine._switch(str(setting), lambda value: value > 0, "sysctl user.max_user_namespaces=15000")
    assert check is not None
    assert (check.name, check.ok, check.found) == ("max_user_namespaces", False, "0")
    assert examine._switch(str(tmp_path / "no_such_setting"), bool, "") is None


def test_a_backend_whose_walls_do_not_hold_is_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain subprocess is no sandbox: the same attacks must find that out."""
    opened = examine.open_named
    monkeypatch.setattr(examine, "open_named", lambda backend, config: opened("none", config))
    monkeypatch.setattr(examine, "_exhaustion", lambda slot, secret: [])  # nothing would hold them here
    examined = examine.examine("namespace")
    broken = {check.name for check in examined.checks if not check.ok}
    assert not examined.usable
    assert {"the network is out of reach", "kernel settings are covered", "no other process is seen"} & broken
    assert "no rights, filtered, not root" in broken


@pytest.mark.parametrize(
    ("said", "rootless", "found"),
    [
        ("overlay v2", True, {"podman's storage": True}),
        ("overlay v1", False, {"podman's storage": True}),
        ("vfs v1", True, {"podman's storage": False, "podman's cgroups": False}),
        ("words of another version", True, {}),
    ],
)
def test_what_podman_lacks_without_saying_so(tmp_path: Path, said: str, rootless: bool, found: dict[str, bool]) -> None:
    program = tmp_path / "podman"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    checks = examine.podman_settings(Engine("podman", (str(program),), "9.9.9", rootless))
    assert {check.name: check.ok for check in checks} == found
    assert all(check.advice for check in checks if not check.ok)
