"""Grades the whole bank once for each sandbox that can be had here. See `bank`."""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bank import CASES, HERE, ROOT, Run, run_bank

from autograder.sandbox.backends.container_engine import find_engine
from autograder.sandbox.interface import SandboxFault

pytest.register_assert_rewrite("verdicts")

OUTCOMES = ROOT / "build" / "adversary"
# One run takes minutes, so `make test LONG=1` has three and `make test-adversary` all.
BACKENDS = {"container": "container", "landlock": "confined-uid", "uid": "confined-uid"}  # else namespace


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=[case.name for case in CASES])
    if "bank" in metafunc.fixturenames:
        metafunc.parametrize("bank", [metafunc.module.SANDBOX], indirect=True)


@pytest.fixture(scope="session")
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The results of grading every case, each followed by an honest submission in the same slot."""
    sandbox = request.param
    root = tmp_path_factory.mktemp("adversary")
    before: tuple[str, ...] = ()
    if sandbox == "container":
        needs_image()
    elif sandbox == "ordinary":
        # Beside pytest's own folder, which is for root alone, and made so again by whoever starts pytest meanwhile.
        root = Path(tempfile.mkdtemp(prefix="adversary-"))
        before = ordinary_user(root)
    elif sandbox in ("landlock", "uid"):
        before = as_in_a_container(root, landlock=sandbox == "landlock")
    run = run_bank(root, BACKENDS.get(sandbox, "namespace"), before=before, jobs=4 if sandbox == "forked" else 1)
    run.sandbox = sandbox
    keep(run, sandbox)
    yield run
    if sandbox == "ordinary":
        shutil.rmtree(root, ignore_errors=True)


def keep(run: Run, sandbox: str) -> None:
    """Write down what each case got, for the table in docs/security.md."""
    found = {}
    for case in CASES:
        with contextlib.suppress(FileNotFoundError):
            result = run.result(case.name)
            found[case.name] = result["score"] if result["outcome"] == "graded" else result["outcome"]
            if run.sandbox in case.seen_in and run.found(case):
                found[case.name] = f"{result['score']:g}*"
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    (OUTCOMES / f"{sandbox}.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


def needs_image() -> None:
    """Skip where no container can be started here, and say why."""
    try:
        from autograder.sandbox.backends.container import choose_image

        choose_image(find_engine(), "")
    except SandboxFault as fault:
        pytest.skip(str(fault))


def as_in_a_container(root: Path, *, landlock: bool) -> tuple[str, ...]:
    """What to put before a command so that it finds a machine as `confined-uid` wants it: see the script.

    Skips where that cannot be.
    """
    from autograder.sandbox.inside.process.landlock import version

    if os.getuid() != 0:
        pytest.skip("needs root")
    if landlock and not version():
        pytest.skip("this kernel has no Landlock")
    script = HERE.parent / "sandbox" / "own_container.sh"
    switch = () if landlock else ("env", "AUTOGRADER_LANDLOCK=off")
    unshare = ("unshare", "--mount", "--propagation", "private")
    return (*switch, *unshare, "bash", str(script), str(root), sys.base_prefix)


def ordinary_user(root: Path) -> tuple[str, ...]:
    """What to put before a command so that it runs as an ordinary user. Skips where that cannot be."""
    if os.getuid() != 0:
        pytest.skip("already an ordinary user: the run without this name is one")
    helper = runpy.run_path(str(HERE.parent / "sandbox" / "test_confinement_user.py"))
    for path in (HERE, Path(sys.prefix) / "pyvenv.cfg", ROOT / "benchmarks" / "peer_course" / "course.yaml"):
        if not helper["reachable"](path):
            pytest.skip(f"an ordinary user cannot read {path}")
    hold = root / "hold"
    hold.mkdir()
    root.chmod(0o777)
    script = f"umask 0; export UID_WANTED={helper['UID']} HOME=/tmp PYTHONDONTWRITEBYTECODE=1; {helper['SCRIPT']}"
    return ("unshare", "--mount", "--propagation", "private", "bash", "-c", script, "bash", str(hold), sys.base_prefix)
