"""What passed its self-test is remembered until the machine starts anew, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.sandbox.doctor import passed


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return passed.cache_file()


def test_only_what_passed_is_remembered(cache: Path) -> None:
    assert not passed.recently("container", "sha256:a")
    passed.remember("container", "sha256:a")
    assert passed.recently("container", "sha256:a")
    assert not passed.recently("container", "sha256:b")
    assert not passed.recently("namespace", "")
    passed.remember("namespace", "")
    assert passed.recently("container", "sha256:a")
    assert cache.stat().st_mode & 0o077 == 0


def test_a_new_start_of_the_machine_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed.remember("namespace", "")
    boot = tmp_path / "boot_id"
    boot.write_text("another\n")
    monkeypatch.setattr(passed, "BOOT_ID", boot)
    assert not passed.recently("namespace", "")


def test_a_changed_package_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    passed.remember("namespace", "")
    monkeypatch.setattr(passed, "_sources", lambda: "changed")
    assert not passed.recently("namespace", "")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot": 1}', '{"boot": "x", "passed": ["y"]}'])
def test_a_damaged_file_is_no_pass(cache: Path, text: str) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text(text)
    assert not passed.recently("namespace", "")


def test_where_nothing_can_be_written_it_is_tested_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    passed.remember("namespace", "")
    assert not passed.recently("namespace", "")
