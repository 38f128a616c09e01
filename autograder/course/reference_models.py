"""What course.yaml says about the reference models: which there are, and the SHA-256 that their weights must have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course.yaml_sections import Section, refuse_duplicates

FOLDER = PurePosixPath("reference_models/weights")
_KEYS = ("name", "sha256")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ReferenceModel:
    """A trained network of the course. sha256: of its weights, 64 lower-case hexadecimal digits."""

    name: str
    sha256: str

    @property
    def file(self) -> PurePosixPath:
        """Return the weights, relative to the course's folder."""
        return FOLDER / f"{self.name}.safetensors"

    @property
    def files(self) -> tuple[PurePosixPath, ...]:
        """Return the weights, and the file with their SHA-256 that `reference_models/pretrained.py` reads beside
        them.
        """
        return self.file, FOLDER / f"{self.name}.safetensors.sha256"


def read_reference_models(top: Section, root: Path, check_files: bool) -> tuple[ReferenceModel, ...]:
    """Return the course's `reference_models`, none where the key is absent.

    check_files: whether both files of each must be there, the second with the SHA-256 that stands here.
    """
    if "reference_models" not in top:
        return ()
    models, names = [], []
    for item in top.sections("reference_models", _KEYS, "reference model"):
        name, sha256 = item.text("name"), item.text("sha256").lower()
        if name and not _NAME.fullmatch(name):
            item.wrong("name", "a name of lower-case letters, digits and '_' that starts with a letter")
            continue
        if sha256 and not _SHA256.fullmatch(sha256):
            item.wrong("sha256", "64 hexadecimal digits")
            continue
        if not name or not sha256:
            continue
        names.append((name, item.line_of("name")))
        model = ReferenceModel(name, sha256)
        models.append(model)
        if check_files:
            _check(item, root, model)
    refuse_duplicates(top.notes, names, "a reference model's name")
    return tuple(models)


def read_weights(section: Section, models: tuple[ReferenceModel, ...]) -> tuple[ReferenceModel, ...]:
    """Return the reference models named in an assignment's `weights`."""
    known = {model.name: model for model in models}
    found = []
    for item in section.texts("weights"):
        if item.text in known:
            found.append(known[item.text])
        else:
            expected = f"one of the course's reference_models: {', '.join(known) or 'there are none'}"
            section.notes.add(item.line, f"{item.text!r} in 'weights' of {section.name}", expected)
    return tuple(found)


def _check(item: Section, root: Path, model: ReferenceModel) -> None:
    """Note missing files, and a recorded SHA-256 other than course.yaml's. The weights are hashed when loaded."""
    for file in model.files:
        if not (root / file).is_file():
            item.wrong("name", f"an existing file {file}", f"{model.name!r}, whose file {file} does not exist,")
            return
    recorded = (root / model.files[1]).read_text(encoding="utf-8", errors="replace").split()[:1]
    if recorded != [model.sha256]:
        item.wrong("sha256", f"the SHA-256 that stands in {model.files[1]}: {' '.join(recorded) or 'nothing'}")
