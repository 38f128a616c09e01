"""The wheel of the engine that an export brings along."""

from __future__ import annotations

import io
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from autograder.exchange.elsewhere import engine

DESCRIPTION = "Metadata-Version: 2.4\nName: course-autograder\nVersion: 9.9\n"


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine be described by this folder alone."""
    monkeypatch.setattr(engine.metadata, "distribution", lambda _name: metadata.Distribution.at(folder))


@pytest.mark.parametrize(
    ("folder", "file"),
    [("course_autograder-9.9.dist-info", "METADATA"), ("course_autograder.egg-info", "PKG-INFO")],
    ids=["installed", "built in its own folder"],
)
def test_a_wheel_says_what_it_is(folder: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    described = tmp_path / folder
    described.mkdir()
    (described / file).write_text(DESCRIPTION)
    installed(described, monkeypatch)
    name, data = engine.wheel()
    assert name == "course_autograder-9.9-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("course_autograder-9.9.dist-info/METADATA").decode() == DESCRIPTION


def test_an_engine_without_a_description_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    described = tmp_path / "course_autograder-9.9.dist-info"
    described.mkdir()
    installed(described, monkeypatch)
    with pytest.raises(engine.EngineError, match="without a description; install it again"):
        engine.wheel()
