"""The wheel, installed without torch in a fresh environment: what an instructor of another course has.

The wheel itself is built and installed by pip. To spare minutes of downloads, the libraries are hard links to those of
this environment, all but torch and what stands on it: those are really absent.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ABSENT = ("torch", "torchvision", "torchgen", "functorch", "safetensors", "__editable__", "course_autograder", "pip")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `autograder` command of the fresh environment."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    shutil.copytree(ROOT / "autograder", source / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source], check=True)
    [wheel] = folder.glob("course_autograder-*.whl")
    venv.create(folder / "env", symlinks=True, with_pip=False)
    [packages] = (folder / "env/lib").glob("python*/site-packages")
    for here in map(Path, site.getsitepackages()):
        for entry in here.iterdir():
            if entry.name.lower().startswith(ABSENT) or entry.name.endswith(".pth"):
                continue
            if entry.is_dir():
                shutil.copytree(entry, packages / entry.name, copy_function=_link, symlinks=True)
            else:
                _link(entry, packages / entry.name)
    pip += ["--python", str(folder / "env/bin/python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True)
    return folder / "env/bin/autograder"


def _link(source: str | Path, target: str | Path) -> None:
    """Make a hard link: the sandbox shows an environment, and not what symbolic links lead out of it to."""
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Runs the command in `tmp_path`, or in `cwd`; a failure shows what it said."""

    def run(*arguments: str, cwd: Path = tmp_path, status: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(
            [installed, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == status, (
            f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done

    return run
