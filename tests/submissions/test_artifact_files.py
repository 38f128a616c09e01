"""Files handed in beside a notebook: which stands for which name, and whose weights they are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file

from autograder.course.roster import EMPTY_ROSTER
from autograder.grading.reference_weights import ReferenceWeights, tensor_sizes
from autograder.submissions.find import Submission, SubmissionError, find_submissions


def hand_in(folder: Path, **files: bytes) -> Submission:
    place = folder / "submitted/s1/a"
    place.mkdir(parents=True, exist_ok=True)
    (place / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    for name, data in files.items():
        (place / name).write_bytes(data)
    [found] = find_submissions(folder / "submitted", assignments=["a"], roster=EMPTY_ROSTER)
    return found


@pytest.mark.parametrize("name", ["w.safetensors", "W.safetensors", "w (1).safetensors", "w(2).safetensors"])
def test_a_browser_s_copy_stands_for_the_name(tmp_path: Path, name: str) -> None:
    submission = hand_in(tmp_path, **{name: b"weights", "notes.txt": b"x", "other.safetensors": b"y"})
    assert submission.files(["w.safetensors", "missing.csv"]) == {"w.safetensors": b"weights"}


def test_the_exact_name_comes_first_and_else_the_last_copy(tmp_path: Path) -> None:
    files = {"w.csv": b"0", "w (1).csv": b"1", "v (1).csv": b"2", "v (2).csv": b"3"}
    assert hand_in(tmp_path, **files).files(["w.csv", "v.csv"]) == {"w.csv": b"0", "v.csv": b"3"}


def test_a_file_that_changed_meanwhile_is_not_graded(tmp_path: Path) -> None:
    submission = hand_in(tmp_path, **{"w.csv": b"0"})
    (tmp_path / "submitted/s1/a/w.csv").write_bytes(b"1")
    with pytest.raises(SubmissionError, match=r"w\.csv changed since it was found"):
        submission.files(["w.csv"])


def network(seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        "conv.weight": torch.randn(16, 3, 3, 3, generator=generator),
        "conv.bias": torch.zeros(16),
        "norm.weight": torch.ones(512),
        "norm.count": torch.tensor(7),
        "out.weight": torch.randn(10, 64, generator=generator),
    }


@pytest.fixture
def known(tmp_path: Path) -> ReferenceWeights:
    for name, seed in (("baseline", 0), ("mobilenet", 1)):
        half = {key: value.half() if value.is_floating_point() else value for key, value in network(seed).items()}
        save_file(half, tmp_path / f"{name}.safetensors")
    return ReferenceWeights(tmp_path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_reference_weights_are_known_under_other_names_and_precisions(
    known: ReferenceWeights, dtype: torch.dtype
) -> None:
    renamed = {f"mine.{n}": value.half().to(dtype) for n, value in enumerate(network(1).values())}
    [flag] = known.flags({"w.safetensors": save(renamed), "notes.txt": b"x"})
    assert flag == "w.safetensors: these are the weights of the reference model mobilenet"


def test_weights_of_one_s_own_are_not_flagged(known: ReferenceWeights) -> None:
    assert known.flags({"w.safetensors": save(network(2))}) == []
    some_borrowed = network(2) | {"conv.weight": network(0)["conv.weight"]}  # 432 of 1584 numbers
    assert known.flags({"w.safetensors": save(some_borrowed)}) == []


def header(entry: object) -> bytes:
    text = json.dumps({"x": entry}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(2048)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        (2**63 - 1).to_bytes(8, "little") + b"{}",
        b"\x02" + bytes(7) + b"[]",
        b"\x02" + bytes(7) + b"{]",
        *(
            header(entry)
            for entry in (
                None,
                {"dtype": "F32"},
                {"dtype": ["F32"], "shape": [256], "data_offsets": [0, 1024]},
                {"dtype": "F32", "shape": [256], "data_offsets": [0, 10**30]},
                {"dtype": "F32", "shape": [-256], "data_offsets": [0, 1024]},
                {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 1024]},
                {"dtype": "F32", "shape": [256], "data_offsets": [1024, 0]},
                {"dtype": "F32", "shape": [True, 256], "data_offsets": [0, 1024]},
                {"dtype": "I8", "shape": [1024], "data_offsets": [0, 1024]},
                {"dtype": "F32", "shape": [256], "data_offsets": [0, 1024]},  # zeros say nothing
            )
        ),
    ],
)
def test_bytes_of_any_other_form_match_nothing(data: bytes) -> None:
    assert tensor_sizes(data) == {}


def test_a_header_that_names_the_same_bytes_again_and_again_is_no_file() -> None:
    """50,000 names for one tensor kept the grader at work for five minutes."""
    body = torch.randn(1 << 20).numpy().tobytes()
    entry = {"dtype": "F32", "shape": [1 << 20], "data_offsets": [0, len(body)]}
    header = json.dumps({f"w{number}": entry for number in range(40_000)}).encode()
    counted: list[int] = []
    hashed = hashlib.sha256

    def counting(data: bytes) -> Any:
        counted.append(len(data))
        return hashed(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.grading.reference_weights.hashlib.sha256", counting)
        assert tensor_sizes(len(header).to_bytes(8, "little") + header + body) == {}
    assert sum(counted) <= len(body)
