"""The rules again where the grader is an ordinary user, in a process that root starts as one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

UID = 12345
SCRIPT = """
set -e
hold=$1; prefix=$2; shift 2
if ! setpriv --reuid $UID_WANTED --regid $UID_WANTED --clear-groups test -x "$prefix"; then
    # The interpreter lies where only root can go: show it alone, at its own path, in this mount namespace.
    mount -t tmpfs tmpfs "$hold"; mkdir "$hold/prefix"; mount --rbind "$prefix" "$hold/prefix"
    closed=$prefix
    while ! setpriv --reuid $UID_WANTED --regid $UID_WANTED --clear-groups test -x "$(dirname "$closed")"; do
        closed=$(dirname "$closed")
    done
    mount -t tmpfs -o mode=755 tmpfs "$closed"; mkdir -p "$prefix"; mount --rbind "$hold/prefix" "$prefix"
fi
exec setpriv --reuid $UID_WANTED --regid $UID_WANTED --clear-groups --no-new-privs "$@"
"""
SELECTED = (
    "kernel_sees settings capabilities securebits covers descriptors nothing_else_runs reach_into environment "
    "many_processes writable read_only private_folders nothing_is_left network course at_once four_students the_hog"
).replace(" ", " or ")


def reachable(path: Path) -> bool:
    command = ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "test", "-r", str(path)]
    return subprocess.run(command, check=False).returncode == 0


def test_the_rules_hold_for_an_ordinary_user(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("already an ordinary user: the other tests are about one")
    here = Path(__file__).resolve()
    for path in (here, Path(sys.prefix) / "pyvenv.cfg"):
        if path.exists() and not reachable(path):
            pytest.skip(f"an ordinary user cannot read {path}")
    hold = tmp_path / "hold"
    hold.mkdir()
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", SCRIPT, "bash", str(hold)]
    command += [sys.base_prefix, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", SELECTED]
    command += [
        "--import-mode=importlib",
        "--basetemp",
        "/tmp/ordinary-user-tests",
        *(str(here.parent / name) for name in ("test_confinement.py", "test_forked_slots.py")),
    ]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "UID_WANTED": str(UID),
        "HOME": "/tmp",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=here.parents[2], timeout=200)
    subprocess.run(["rm", "-rf", "/tmp/ordinary-user-tests"], check=True)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "passed" in result.stdout
