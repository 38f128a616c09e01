"""The backend `confined-uid`: its rules with and without Landlock, on a machine that is closed as a container is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.backends import confined_uid
from autograder.sandbox.choose import open_slot
from autograder.sandbox.inside.process import landlock, own_uid
from autograder.sandbox.interface import Limits, SandboxFault, SlotConfig

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ("switch", "chosen"),
    [
        ("off", "self_test or gone_when_it_is or hidden_files or zygote_is_killed"),
        pytest.param("on", "", marks=pytest.mark.slow),
        pytest.param("off", "", marks=pytest.mark.slow),
    ],
)
def test_the_rules_hold(as_root: None, tmp_path: Path, switch: str, chosen: str) -> None:
    if switch == "on" and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    command = ["unshare", "--mount", "--propagation", "private", "bash", str(HERE / "own_container.sh")]
    command += [str(tmp_path), sys.base_prefix, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--import-mode=importlib", "-n", "0", "--basetemp", str(tmp_path / "inner")]
    command += [str(HERE / "confined_uid_rules.py"), *(("-k", chosen) if chosen else ())]
    environment = {**os.environ, "AUTOGRADER_LANDLOCK": switch, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=HERE.parents[1], timeout=200, check=False
    )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert "passed" in result.stdout


def test_an_ordinary_user_cannot_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(SandboxFault, match="needs root"):
        open_slot("confined-uid", SlotConfig([], [], Limits()))


def test_what_is_missing_of_the_rights_is_named(as_root: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_uid, "_capabilities", lambda: 1 << confined_uid.NEEDED["CAP_KILL"])
    with pytest.raises(SandboxFault, match="needs CAP_CHOWN, CAP_SETGID, CAP_SETUID, CAP_SETPCAP"):
        open_slot("confined-uid", SlotConfig([], [], Limits()))


@pytest.mark.parametrize(("uid", "bystander"), [(0, 5), (5, 0), (5, 5)])
def test_the_processes_of_root_are_never_ended(uid: int, bystander: int) -> None:
    with pytest.raises(OSError, match="one of their own"):
        own_uid.end_user(uid, bystander)
