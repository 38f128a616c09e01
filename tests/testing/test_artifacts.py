"""Files handed in beside the notebook: loaded into the student's network, scored, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import nn

from autograder.records import TestStatus as Status
from autograder.testing import artifacts, cifar10
from autograder.testing.artifacts import transformed
from autograder.testing.randomness import Rng

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3, affine=False)
        self.out = nn.Linear(3, 3)
    def forward(self, images):
        return self.out(self.norm(images).mean((2, 3)))
"""
ACCURACY = """
@question("weights")
@pytest.mark.parametrize("least", [0.5, 0.9])
def test_accuracy(student, artifact, least):
    \"\"\"The weights that you handed in get enough test images right.\"\"\"
    artifact.reaches(least, "w.safetensors", lambda: student.Net(), count=120)
"""
PREDICTIONS = """
@question("predictions")
def test_predictions(artifact):
    \"\"\"Most predictions are right.\"\"\"
    artifact.predicts(0.7, "p.csv", torch.tensor([3, 1, 2, 0]))
"""


def state(dtype: torch.dtype = torch.float16, noise: float = 0.0) -> dict[str, torch.Tensor]:
    """Weights that see which of three colours is the brightest."""
    weight = torch.eye(3) + noise * torch.randn(3, 3, generator=torch.Generator().manual_seed(0))
    return {
        "norm.running_mean": torch.full((3,), 0.5, dtype=dtype),
        "norm.running_var": torch.ones(3, dtype=dtype),
        "norm.num_batches_tracked": torch.tensor(4),
        "out.weight": weight.to(dtype),
        "out.bias": torch.zeros(3, dtype=dtype),
    }


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> tuple[torch.Tensor, torch.Tensor]:
    """A stand-in for CIFAR-10's test set: the label is the brightest colour."""
    labels = torch.arange(3).repeat(100)
    images = torch.full((300, 3, 32, 32), 60, dtype=torch.uint8)
    images[torch.arange(300), labels] = 200
    monkeypatch.setattr(artifacts, "cifar10_test_set", lambda: (images, labels))
    return images, labels


@pytest.fixture
def judge(suite_of: Callable[..., Any], session_of: Callable[..., Any]) -> Callable[..., list[Any]]:
    def run(tests: str, files: dict[str, bytes], network: str = NETWORK) -> list[Any]:
        suite = suite_of(tests)
        session = session_of(suite, network)
        session.artifacts = files
        return suite.run(session)

    return run


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_right_weights_pass_and_the_accuracy_is_kept(judge: Any, data: Any, dtype: torch.dtype) -> None:
    outcomes = judge(ACCURACY, {"w.safetensors": save(state(dtype))})
    assert [outcome.status for outcome in outcomes] == [Status.PASSED, Status.PASSED]
    assert [outcome.measured for outcome in outcomes] == [1.0, 1.0]


def test_each_threshold_is_judged_by_one_measurement(judge: Any, data: Any) -> None:
    half = state()
    half["out.bias"][0] = -10  # never says "red"
    outcomes = judge(ACCURACY, {"w.safetensors": save(half)})
    assert [outcome.status for outcome in outcomes] == [Status.PASSED, Status.FAILED]
    assert len({outcome.measured for outcome in outcomes}) == 1
    assert 0.5 < outcomes[0].measured < 0.8
    assert f"{outcomes[1].measured:.1%} of 120 test images right; this part asks for 90%" in outcomes[1].message


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "`w.safetensors` was not handed in beside the notebook."),
        ({"w.safetensors": b""}, "has 0 bytes"),
        ({"w.safetensors": b"PK\x03\x04 a pickle in a zip"}, "cannot be read as a safetensors file"),
        ({"w.safetensors": (2**63).to_bytes(8, "little") + b"{}"}, "cannot be read as a safetensors file"),
        ({"w.safetensors": save({"x": torch.zeros(3)})}, "the names in it are not those of its `state_dict()`"),
        ({"w.safetensors": save(state() | {"out.bias": torch.zeros(4)})}, "some weights have other shapes"),
        ({"w.safetensors": save(state() | {"out.bias": torch.full((3,), torch.nan)})}, "logits should be finite"),
    ],
)
def test_a_file_that_does_not_do_says_why(judge: Any, data: Any, files: dict[str, bytes], said: str) -> None:
    for outcome in judge(ACCURACY, files):
        assert outcome.status is Status.FAILED
        assert said in outcome.message


def test_a_file_that_is_too_large_is_refused(judge: Any, data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_WEIGHTS", 100)
    assert "expected are between 1 and 100" in judge(ACCURACY, {"w.safetensors": save(state())})[0].message


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("return images", r"shape (50, classes), but gives shape (50, 3, 32, 32)"),
        ("return [1.0]", r"shape (50, classes), but gives"),
        ("return torch.zeros(len(images), 3).long()", "finite floating-point numbers"),
        ("return torch.zeros(len(images), 3 + (len(images) == 20))", "same number of classes"),
    ],
)
def test_a_network_that_gives_no_logits_says_so(judge: Any, data: Any, forward: str, said: str) -> None:
    network = NETWORK.replace("return self.out(self.norm(images).mean((2, 3)))", forward)
    assert said in judge(ACCURACY, {"w.safetensors": save(state())}, network)[0].message


def test_an_unfilled_network_is_the_student_s_loss(judge: Any, data: Any) -> None:
    network = NETWORK.replace("super().__init__()", "raise NotImplementedError")
    outcome = judge(ACCURACY, {"w.safetensors": save(state())}, network)[0]
    assert outcome.status is Status.ERROR
    assert "not filled" in outcome.message


def test_missing_data_are_nobody_s_loss(judge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in cifar10.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for files in ({}, {"w.safetensors": save(state())}):
        outcomes = judge(ACCURACY, files)
        assert {outcome.status for outcome in outcomes} == {Status.NOT_RUN}
        assert "data that it needs are not on the machine" in outcomes[0].message
        assert "CIFAR10_DATA" in outcomes[0].detail


def test_a_folder_without_the_data_set_is_named(
    judge: Any, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("empty")
    monkeypatch.setenv("CIFAR10_DATA", str(folder))
    [outcome, _] = judge(ACCURACY, {"w.safetensors": save(state())})
    assert outcome.status is Status.NOT_RUN
    assert str(folder) in outcome.detail


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("3\n1\n2\n0\n", Status.PASSED, ""),
        ("index,label\r\n3,0\r\n0,3\r\n1,1\r\n2,2\r\n", Status.PASSED, ""),
        ("\ufeff3\n1\n2\n5\n", Status.PASSED, ""),
        ("0\n0\n0\n0\n", Status.FAILED, "25.0% of the predictions"),
        ("3\n1\n", Status.FAILED, "has 2 predictions; expected are 4"),
        ("3\n1\n2\n0\n1\n", Status.FAILED, "line 5: index 4"),
        ("0,3\n0,1\n", Status.FAILED, "line 2: index 0 is a second one"),
        ("3\ncat\n", Status.FAILED, "line 2: expected an integer"),
        ("3\n1e3\n", Status.FAILED, "line 2: expected an integer"),
        ("٣\n", Status.FAILED, "line 1: expected an integer"),
    ],
)
def test_predictions_are_read_as_plain_text(judge: Any, text: str, status: Status, said: str) -> None:
    [outcome] = judge(PREDICTIONS, {"p.csv": text.encode()})
    assert outcome.status is status
    assert said in outcome.message


def test_predictions_that_are_no_text(judge: Any) -> None:
    assert "not plain text" in judge(PREDICTIONS, {"p.csv": b"\x93NUMPY\x01\xff"})[0].message


def test_images_are_moved_a_little_and_stay_images() -> None:
    images = torch.rand(40, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    moved = transformed(images, Rng(1))
    assert moved.shape == images.shape
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert not any(torch.equal(a, b) for a, b in zip(images, moved, strict=True))
    assert torch.equal(moved, transformed(images, Rng(1)))
    centre = images[:, :, 2:-2, 2:-2]
    for image, other in zip(moved, centre, strict=True):  # up to light, some shift or its mirror image is the original
        spots = [other_view for view in (image, image.flip(-1)) for other_view in _windows(view)]
        assert min(float((spot / spot.mean() - other / other.mean()).abs().max()) for spot in spots) < 1e-4


def _windows(image: torch.Tensor) -> list[torch.Tensor]:
    return [image[:, top : top + 28, left : left + 28] for top in range(5) for left in range(5)]


def test_classes_are_chosen_and_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = torch.arange(10).repeat(30)
    images = (labels * 25).to(torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)
    monkeypatch.setattr(artifacts, "cifar10_test_set", lambda: (images, labels))

    class Running:
        question = "q"

        class session:
            seed_key = b"k"
            notebook_sha256 = "a"

    found, named = artifacts.Artifacts(Running()).test_images(40, classes=(5, 3))  # type: ignore[arg-type]
    assert len(found) == len(named) == 40
    assert set(named.tolist()) == {0, 1}
    brightness = found.amax((1, 2, 3)) * 255 / 25
    assert torch.equal(brightness.round().clamp(3, 5) > 4, named == 0)


def test_a_network_keeps_its_precision(judge: Any, data: Any) -> None:
    assert nn.Linear(1, 1).weight.dtype is torch.float32  # what the student's network is made of
    outcome = judge(
        """
        @question("weights")
        def test_precision(student, artifact):
            \"\"\"Half precision on disk becomes single precision in the network.\"\"\"
            net = artifact.weights("w.safetensors", student.Net())
            assert net.parameters()["out.weight"].dtype is torch.float32
            assert set(net.modes().values()) == {False}
        """,
        {"w.safetensors": save(state())},
    )[0]
    assert outcome.status is Status.PASSED, outcome
