"""What `auto` takes: the first that opens and holds, by the checks of `autograder doctor`, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox import choose
from autograder.sandbox.backends import container
from autograder.sandbox.doctor import examine
from autograder.sandbox.doctor.examine import DoctorCheck, Examined
from autograder.sandbox.interface import Limits, SandboxFault, SlotConfig

CONFIG = SlotConfig([], [], Limits(memory_bytes=256 << 20, processes=24, tmpfs_bytes=16 << 20))


@pytest.fixture(autouse=True)
def nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def no_container(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SandboxFault("there is no engine in this test")

    monkeypatch.setattr(container, "start_container", refuse)


def test_what_the_doctor_finds_decides_and_is_found_once(no_container: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = examine.examine
    monkeypatch.setattr(choose, "examine", lambda *backend: asked.append(backend) or real(*backend))
    for _ in range(2):
        opened = choose.open_slot("auto", CONFIG)
        opened.close()
        assert opened.backend == "namespace"
    assert asked == [("namespace", "")]


def test_a_sandbox_with_a_hole_is_not_taken_and_no_subprocess_instead(
    no_container: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    holes = [
        DoctorCheck("a slot opens", True),
        DoctorCheck("the memory limit holds", False, "it was given more than its limit"),
    ]
    monkeypatch.setattr(choose, "examine", lambda *backend: Examined("namespace", list(holes)))
    with pytest.raises(SandboxFault) as fault:
        choose.open_slot("auto", CONFIG)
    assert "there is no engine in this test" in str(fault.value)
    assert "the memory limit holds: no (it was given more than its limit)" in str(fault.value)
    assert "autograder doctor" in str(fault.value)
    holes.clear()  # mended: what failed is tried again
    choose.open_slot("auto", CONFIG).close()
