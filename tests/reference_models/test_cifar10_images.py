"""CIFAR-10 is read from its own files: only the original ones, with nothing but torch."""

from __future__ import annotations

import hashlib
import io
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from reference_models import cifar10_images
from reference_models.cifar10 import find_data
from reference_models.cifar10_images import FOLDER, announce_stand_in, load_cifar10

ROOT = Path(__file__).resolve().parents[2]


def batch(seed: int, n: int = 3) -> tuple[bytes, np.ndarray, list[int]]:
    """A file as the data set has them: rows of 1024 reds, 1024 greens and 1024 blues."""
    rng = np.random.default_rng(seed)
    rows, labels = rng.integers(0, 256, (n, 3072), dtype=np.uint8), rng.integers(0, 10, n).tolist()
    return pickle.dumps({"data": rows, "labels": labels}), rows, labels


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[np.ndarray, list[int]]]:
    """A small data set under tmp_path/there with checksums of its own; the rows and labels of each file."""
    folder, found, sums = tmp_path / "there" / FOLDER, {}, {}
    folder.mkdir(parents=True)
    for seed, name in enumerate(cifar10_images.SHA256):
        data, rows, labels = batch(seed)
        (folder / name).write_bytes(data)
        found[name], sums[name] = (rows, labels), hashlib.sha256(data).hexdigest()
    monkeypatch.setattr(cifar10_images, "SHA256", sums)
    for variable in ("CIFAR10_ROOT", "CIFAR10_DATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return found


def test_images_and_labels_in_the_order_of_the_files(made: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIFAR10_ROOT", "there")
    images, labels = load_cifar10(train=True)
    assert images.shape == (15, 32, 32, 3)
    assert images.dtype == torch.uint8
    rows, _ = made["data_batch_2"]
    assert images[4, 5, 7].tolist() == [rows[1, 5 * 32 + 7 + 1024 * colour] for colour in range(3)]
    assert labels.tolist() == [label for i in range(1, 6) for label in made[f"data_batch_{i}"][1]]
    assert load_cifar10(train=False, root="there")[1].tolist() == made["test_batch"][1]


def test_a_changed_file_is_never_unpickled(made: dict, tmp_path: Path) -> None:
    class Boom:
        def __reduce__(self) -> tuple:
            return Path.touch, (tmp_path / "unpickled",)

    (tmp_path / "there" / FOLDER / "test_batch").write_bytes(pickle.dumps(Boom()))
    with pytest.raises(OSError, match="test_batch is not the original file"):
        load_cifar10(train=False, root="there")
    assert not (tmp_path / "unpickled").exists()


def test_fetched_once_where_no_folder_is_named(made: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, asked = io.BytesIO(), []
    with tarfile.open(fileobj=archive, mode="w:gz") as files:
        files.add(tmp_path / "there" / FOLDER, FOLDER)

    def answer(address: str, timeout: float) -> io.BytesIO:
        asked.append(address)
        return io.BytesIO(archive.getvalue()[: None if len(asked) > 1 else 500])

    monkeypatch.setattr(cifar10_images.urllib.request, "urlopen", answer)
    with pytest.raises(OSError, match="no whole archive"):
        load_cifar10(train=False)
    for _ in range(2):
        assert load_cifar10(train=False)[1].tolist() == made["test_batch"][1]
    assert asked == [cifar10_images.ARCHIVE] * 2


def test_nothing_but_torch_is_imported() -> None:
    code = "import sys, cifar10_images; sys.exit('torchvision' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "reference_models")


def test_a_stand_in_is_announced_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    announce_stand_in("CIFAR-10", FileNotFoundError("no folder 'there'"))
    said = capsys.readouterr().out
    assert "CIFAR-10 IS NOT HERE" in said
    assert "no folder 'there'" in said
    assert "CIFAR10_ROOT" in said


@pytest.mark.data
def test_the_real_test_set() -> None:
    found = find_data()
    if found is None:
        pytest.skip("CIFAR-10 is not on this machine (see docs/reference-models.md)")
    images, labels = load_cifar10(train=False, root=found)
    assert images.shape == (10_000, 32, 32, 3)
    assert labels.bincount().tolist() == [1000] * 10
    assert labels[:5].tolist() == [3, 8, 8, 0, 6]  # a cat, two ships, a plane and a frog
