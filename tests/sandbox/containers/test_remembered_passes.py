"""What passed its self-test is remembered until the machine starts anew, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox.doctor import remembered_passes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return remembered_passes.cache_file()


def test_only_what_passed_is_remembered(cache: Path) -> None:
    assert not remembered_passes.recently("container", "sha256:a")
    remembered_passes.remember("container", "sha256:a")
    assert remembered_passes.recently("container", "sha256:a")
    assert not remembered_passes.recently("container", "sha256:b")
    assert not remembered_passes.recently("namespace", "")
    remembered_passes.remember("namespace", "")
    assert remembered_passes.recently("container", "sha256:a")
    assert cache.stat().st_mode & 0o077 == 0


def test_a_new_start_of_the_machine_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered_passes.remember("namespace", "")
    boot = tmp_path / "boot_id"
    boot.write_text("another\n")
    monkeypatch.setattr(remembered_passes, "BOOT_ID", boot)
    assert not remembered_passes.recently("namespace", "")


def test_a_changed_package_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered_passes.remember("namespace", "")
    monkeypatch.setattr(remembered_passes, "_sources", lambda: "changed")
    assert not remembered_passes.recently("namespace", "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot": 1}', '{"boot": "x", "passed": ["y"]}'])
def test_a_damaged_file_is_no_pass(cache: Path, text: str) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text(text)
    assert not remembered_passes.recently("namespace", "")


def test_where_nothing_can_be_written_it_is_tested_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    remembered_passes.remember("namespace", "")
    assert not remembered_passes.recently("namespace", "")
