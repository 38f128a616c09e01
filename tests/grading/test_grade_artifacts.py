"""Handed-in weights in the real sandbox: from the job to points, flags and the denominator."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from autograder.course.course import LatePolicy, load_course
from autograder.grading.graded import GradedSubmission
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import SubmissionInfo
from autograder.records import TestStatus as Status
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SlotConfig
from autograder.scoring.score import score
from autograder.suite.suite import SuiteError, collect
from tests.grading.conftest import notebook_of

COURSE = """\
title: T
assignments:
  - name: a
    title: A
    preload: [torch, numpy]
    artifacts: [w.safetensors]
    questions:
      - {id: net, title: Net, points: 2, kind: tests}
      - {id: weights, title: Weights, points: 3, kind: artifact}
"""
MASTER = """\
# %%
import torch
from torch import nn

# %% nbgrader={"grade_id": "net", "solution": true}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.out = nn.Linear(3, 3)
        ### END SOLUTION
    def forward(self, x):
        return self.out(x.mean((2, 3)))

# %% nbgrader={"grade_id": "check_net", "grade": true}
Net()
"""
TESTS = '''
import pytest
from autograder.testing import question
from pictures import pictures

@question("net")
def test_net(student):
    """It has twelve parameters."""
    assert student.Net().parameter_count() == 12

@question("weights", weight=2)
def test_good(student, artifact):
    """Three in five are right."""
    artifact.reaches(0.6, "w.safetensors", lambda: student.Net(), *pictures(artifact.rng()))

@question("weights")
def test_better(student, artifact):
    """Nine in ten are right."""
    artifact.reaches(0.9, "w.safetensors", lambda: student.Net(), *pictures(artifact.rng()))
'''
# Lies in the course's folder, from which hidden tests import.
PICTURES = '''
import os
import torch
from autograder.testing import DataMissing

def pictures(rng):
    """Images of one bright colour each; the label is the colour."""
    if "PICTURES" not in os.environ:
        raise DataMissing("set PICTURES")
    labels = rng.labels(200, 3)
    images = torch.full((200, 3, 8, 8), 0.2)
    images[torch.arange(200), labels] = 0.8
    return images, labels
'''
NET = MASTER.split("# %%")[1].strip(), ("net", MASTER.split('"solution": true}\n')[1].split("\n# %%")[0])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("artifact_course")
    (root / "course.yaml").write_text(COURSE)
    (root / "solutions/a").mkdir(parents=True)
    (root / "solutions/a/solution.py").write_text(MASTER)
    (root / "solutions/a/hidden_tests.py").write_text(TESTS)
    (root / "pictures.py").write_text(PICTURES)
    (root / "reference_models/weights").mkdir(parents=True)
    generator = torch.Generator().manual_seed(0)
    save_file({"big": torch.randn(600, generator=generator)}, root / "reference_models/weights/baseline.safetensors")
    return root


@pytest.fixture(scope="module")
def grader(root: Path) -> Iterator[Grader]:
    assignment = load_course(root).assignment("a")
    slot = open_slot("auto", SlotConfig((*assignment.preload, "numpy.random"), (), assignment.limits))
    try:
        with MachineLock(None) as quiet, Grader(assignment, slot, b"k" * 32, quiet) as grader:
            yield grader
    finally:
        slot.close()


def grade(grader: Grader, files: dict[str, bytes]) -> GradedSubmission:
    notebook = notebook_of(*NET)
    return grader.grade(
        SubmissionInfo(subject="s", notebook_sha256=hashlib.sha256(notebook).hexdigest()), notebook, files
    )


def weights(bias: float = 0.0) -> bytes:
    return save({"out.weight": torch.eye(3).half(), "out.bias": torch.tensor([bias, 0, 0]).half()})


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTURES", "here")


def points(root: Path, done: GradedSubmission) -> tuple[float | None, float]:
    """(points of the artifact's question, points of everything that counts)."""
    result = score(done.evidence, load_course(root).assignment("a"), LatePolicy())
    return result.questions[1].score, result.max_score


def test_weights_earn_points_by_threshold(root: Path, grader: Grader, data: None) -> None:
    best, middling = grade(grader, {"w.safetensors": weights()}), grade(grader, {"w.safetensors": weights(-10.0)})
    assert points(root, best) == (3.0, 5.0)
    assert points(root, middling) == (2.0, 5.0)
    assert [test.measured for test in best.evidence.tests] == [None, 1.0, 1.0]
    assert best.evidence.flags == ()


def test_no_weights_earn_nothing(root: Path, grader: Grader, data: None) -> None:
    done = grade(grader, {})
    assert points(root, done) == (0.0, 5.0)
    assert {test.status for test in done.evidence.tests[1:]} == {Status.FAILED}


def test_without_the_data_the_question_does_not_count(
    root: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PICTURES", raising=False)
    assert points(root, grade(grader, {"w.safetensors": weights()})) == (None, 2.0)


def test_a_pickle_is_not_opened(root: Path, grader: Grader, data: None, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    torch.save({"out.weight": Trap()}, tmp_path / "w.safetensors")
    done = grade(grader, {"w.safetensors": (tmp_path / "w.safetensors").read_bytes()})
    assert "cannot be read as a safetensors file" in done.evidence.tests[1].message
    assert not (tmp_path / "sprung").exists()


def test_a_reference_model_s_weights_are_flagged(root: Path, grader: Grader, data: None) -> None:
    taken = (root / "reference_models/weights/baseline.safetensors").read_bytes()
    assert grade(grader, {"w.safetensors": taken}).evidence.flags == (
        "w.safetensors: these are the weights of the reference model baseline",
    )


def test_an_artifact_builds_on_nothing(root: Path, tmp_path: Path) -> None:
    """Whoever leaves the network unfilled would otherwise take the question out of the denominator."""
    (tmp_path / "hidden_tests.py").write_text(TESTS.replace("weight=2", 'builds_on=["net"]'))
    assignment = load_course(root).assignment("a")

    class Moved(type(assignment)):  # type: ignore[misc]
        hidden_tests_path = tmp_path / "hidden_tests.py"

    moved = Moved(**{key: getattr(assignment, key) for key in assignment.__dataclass_fields__})
    with pytest.raises(SuiteError, match="test_good of the artifact `weights` builds on net"):
        collect(replace(moved))
