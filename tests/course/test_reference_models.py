"""course.yaml on reference models: what is read, and one message with its line for every mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import CourseError, load_course

Write = Callable[[str], Path]
DIGEST = "ab" * 32
MODELS = f"""\
reference_models:
  - {{name: baseline, sha256: {DIGEST}}}
  - {{name: mobilenet, sha256: {"cd" * 32}}}
assignments:
"""
FIRST = "public_files: [given.py]"


@pytest.fixture
def with_models(write_course: Write, course_text: str, tmp_path: Path) -> Path:
    """A course of two reference models, whose first assignment comes with the weights of one."""
    folder = tmp_path / "reference_models" / "weights"
    folder.mkdir(parents=True)
    for name, digest in (("baseline", DIGEST), ("mobilenet", "cd" * 32)):
        (folder / f"{name}.safetensors").write_bytes(b"weights")
        (folder / f"{name}.safetensors.sha256").write_text(f"{digest}  {name}.safetensors\n")
    text = course_text.replace("assignments:\n", MODELS, 1)
    return write_course(text.replace(FIRST, f"{FIRST}\n    weights: [baseline]", 1))


def problems(path: Path) -> list[str]:
    with pytest.raises(CourseError) as caught:
        load_course(path)
    return list(caught.value.messages)


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def test_models_and_an_assignments_weights_are_read(with_models: Path) -> None:
    course = load_course(with_models)
    assert [(model.name, model.sha256) for model in course.reference_models] == [
        ("baseline", DIGEST),
        ("mobilenet", "cd" * 32),
    ]
    first, second = course.assignments
    folder = Path("reference_models/weights")
    (weights,) = first.weights
    assert weights.files == (folder / "baseline.safetensors", folder / "baseline.safetensors.sha256")
    assert second.weights == ()


def test_a_course_without_reference_models(write_course: Write, course_text: str) -> None:
    assert load_course(write_course(course_text)).reference_models == ()


def test_weights_of_an_unknown_model(with_models: Path) -> None:
    (message,) = problems(changed(with_models, "weights: [baseline]", "weights: [baselin]"))
    assert "'baselin' in 'weights' of assignment '01_first'" in message
    assert "baseline, mobilenet" in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name: baseline", "name: Base-line", "a name of lower-case letters"),
        (DIGEST, "abc", "64 hexadecimal digits"),
        ("name: mobilenet", "name: baseline", "each once"),
        ("name: mobilenet", "name: mobilnet", "an existing file reference_models/weights/mobilnet.safetensors"),
        (
            DIGEST,
            "ef" * 32,
            f"the SHA-256 that stands in reference_models/weights/baseline.safetensors.sha256: {DIGEST}",
        ),
        ("{name: baseline, sha", "{name: baseline, colour: red, sha", "one of name, sha256"),
    ],
)
def test_mistakes_in_reference_models(with_models: Path, old: str, new: str, expected: str) -> None:
    assert any(expected in message for message in problems(changed(with_models, old, new)))


def test_files_are_not_asked_for_where_the_caller_says_so(with_models: Path, tmp_path: Path) -> None:
    (tmp_path / "reference_models" / "weights" / "mobilenet.safetensors").unlink()
    assert len(load_course(with_models, check_files=False).reference_models) == 2
    (message,) = problems(with_models)
    assert "mobilenet.safetensors does not exist" in message
