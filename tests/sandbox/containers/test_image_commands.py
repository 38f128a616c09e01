"""`autograder image build` and `check`, with an engine that only notes what it is told; the real image where it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from autograder.commands.image import command
from autograder.sandbox.backends import image_build
from autograder.sandbox.backends.container_engine import DEFAULT_IMAGE, Engine
from autograder.sandbox.backends.image_build import SOURCES, lock_digest, locked

IMAGE = "sha256:" + "ab" * 32
GOOD = {
    "uid": 1000,
    "python": "3.11.2",
    "setuid": [],
    "found": [],
    "packages": True,
    "versions": dict(line.split("==") for line in locked()),
}
PODMAN = """#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in
*--version) echo "podman version 9.9.9";;
*"image inspect"*) [ -e {folder}/image.json ] || {{ echo "Error: no such image" >&2; exit 125; }}
  cat {folder}/image.json;;
*" run "*|run*) cat {folder}/seen.json;;
*build*) [ ! -e {folder}/fails ] || {{ echo "Error: no space" >&2; exit 125; }};;
esac
"""


class Fake:
    """A podman that answers from files, and a pip that downloads nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads: list[list[str]] = []
        self.holds()
        self.has_image()

    def holds(self, **changed: Any) -> None:
        (self.folder / "seen.json").write_text(json.dumps({**GOOD, **changed}))

    def has_image(self, lock: str = "") -> None:
        labels = {"autograder.lock": lock or lock_digest(), "autograder.variant": "cpu"}
        described = [{"Id": "ab" * 32, "Labels": labels, "Size": 1_570_000_000}]
        (self.folder / "image.json").write_text(json.dumps(described))

    def asked(self) -> str:
        return (self.folder / "asked").read_text()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    program = tmp_path / "podman"
    program.write_text(PODMAN.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("AUTOGRADER_ENGINE", raising=False)
    made = Fake(tmp_path)
    run = subprocess.run

    def no_pip(words: list[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        if "pip" in words:
            made.downloads.append(words)
            return subprocess.CompletedProcess(words, 0, "", "")
        return run(words, **options)

    monkeypatch.setattr(image_build.subprocess, "run", no_pip)
    return made


@pytest.fixture
def image(fake: Fake) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(command, words)


def test_build_names_the_lock_and_needs_no_network(fake: Fake, image: Callable[..., Result]) -> None:
    done = image("build")
    assert done.exit_code == 0, done.output
    assert f"{DEFAULT_IMAGE}: {IMAGE}, 1.57 GB" in done.output
    asked = fake.asked()
    assert f"--build-arg LOCK={lock_digest()} --build-arg VARIANT=cpu" in asked
    assert "BASE=" not in asked, "the Containerfile's own base, which is pinned by its digest"
    for wall in ("--network none", "--timestamp 0"):
        assert f" {wall} " in asked
    [download] = fake.downloads
    assert "--no-deps" in download
    assert download[download.index("--python-version") + 1] == "3.11"


def test_a_base_of_ones_own_and_a_cuda_build_by_arguments(fake: Fake, image: Callable[..., Result]) -> None:
    words = ("--base", "registry.example/python:3.12", "--python", "3.12", "--variant", "cuda", "--tag", "local/cuda:1")
    done = image("build", *words, "--pip-option=--index-url=https://wheels.example/cu130", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["digest"] == IMAGE
    asked = fake.asked()
    assert "--build-arg VARIANT=cuda --build-arg BASE=registry.example/python:3.12" in asked
    assert "--tag local/cuda:1 " in asked
    assert "wheels.example" not in asked, "no address of an index gets into a layer"
    [download] = fake.downloads
    assert download[-1] == "--index-url=https://wheels.example/cu130"
    assert download[download.index("--python-version") + 1] == "3.12"


def test_two_bases_are_refused(image: Callable[..., Result]) -> None:
    done = image("build", "--base", "x", "--from-debian")
    assert (done.exit_code, "give --base or --from-debian, not both" in done.output) == (2, True)


def test_a_build_that_fails_is_one_message(fake: Fake, image: Callable[..., Result]) -> None:
    (fake.folder / "fails").touch()
    done = image("build")
    assert done.exit_code == 2
    assert "`podman build` failed: Error: no space" in done.output
    assert "Traceback" not in done.output


def test_check_of_a_good_image(image: Callable[..., Result]) -> None:
    done = image("check", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["problems"] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"uid": 0}, "its user is root"),
        ({"setuid": ["/bin/su"]}, "a program changes the user: /bin/su"),
        ({"found": ["/srv/hidden_tests.py"]}, "it holds what it must not: /srv/hidden_tests.py"),
        ({"packages": False}, "it has no /opt/packages"),
        ({"versions": {**GOOD["versions"], "torch": "2.12.0"}}, "torch is 2.12.0, 2.13.0 is locked"),
        ({"versions": {**GOOD["versions"], "torch": "2.13.0+cu130"}}, ""),
        ({"versions": {}}, "numpy is missing"),
    ],
)
def test_check_says_what_is_wrong(fake: Fake, image: Callable[..., Result], changed: dict[str, Any], said: str) -> None:
    fake.holds(**changed)
    done = image("check")
    assert done.exit_code == (1 if said else 0), done.output
    assert said in done.output


def test_a_stale_image_and_a_missing_one(fake: Fake, image: Callable[..., Result]) -> None:
    fake.has_image(lock="of last term")
    done = image("check")
    assert (done.exit_code, "other locked versions" in done.output) == (1, True)
    (fake.folder / "image.json").unlink()
    done = image("check")
    assert (done.exit_code, "autograder image build" in done.output) == (2, True)


def test_the_recipe_pins_its_base_and_copies_nothing_of_a_course() -> None:
    text = (SOURCES / "Containerfile").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert not [line for line in lines if re.match(r"\s*(COPY|ADD)\b", line)]
    assert [line for line in lines if line.startswith("USER")] == ["USER 1000:1000"]
    assert not re.search(r"https?://|password|token", text, re.IGNORECASE)
    assert sorted(os.listdir(SOURCES)) == ["Containerfile", "requirements.txt"]


def test_the_image_on_this_machine_is_as_it_should_be(engine: Engine) -> None:
    assert image_build.check(engine, engine.image(DEFAULT_IMAGE)) == []
