"""Containers where they can be had; where not, each test that needs one says why it is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from container_limits import LIMITS

from autograder.sandbox.backends.container import choose_image
from autograder.sandbox.backends.container_engine import Engine, find_engine
from autograder.sandbox.interface import SandboxFault, SlotConfig
from autograder.sandbox.open import open_container
from autograder.sandbox.stream_slot import StreamSlot


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of this machine, with the image that this version needs."""
    try:
        found = find_engine()
        choose_image(found, "")
    except SandboxFault as fault:
        pytest.skip(str(fault))
    return found


@pytest.fixture(scope="session")
def public_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("public") / "shown.py"
    file.write_text("SHOWN = 1\n")
    file.chmod(0o600)  # its owner's alone: a copy is shown
    return file


@pytest.fixture(scope="module")
def slot(engine: Engine, public_file: Path) -> Iterator[StreamSlot]:
    with open_container(SlotConfig([], [public_file], LIMITS), engine) as opened:
        yield opened
