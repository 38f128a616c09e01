"""Files handed in beside the notebook: loaded into the student's network, scored, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import nn

from autograder.records import TestStatus as Status
from autograder.testing import artifacts

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
def brightest(rng, count):
    \"\"\"Images of one bright colour each; the label is the colour.\"\"\"
    labels = rng.labels(count, 3)
    images = torch.full((count, 3, 8, 8), 0.2)
    images[torch.arange(count), labels] = 0.8
    return images, labels

@question("weights")
@pytest.mark.parametrize("least", [0.5, 0.9])
def test_accuracy(student, artifact, least):
    \"\"\"The weights that you handed in get enough test images right.\"\"\"
    artifact.reaches(least, "w.safetensors", lambda: student.Net(), *brightest(artifact.rng(), 120))
"""
NO_DATA = """
from autograder.testing import DataMissing

@question("weights")
def test_accuracy(artifact):
    \"\"\"The weights that you handed in get enough test images right.\"\"\"
    raise DataMissing("set DATA to the folder")
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
def judge(suite_of: Callable[..., Any], session_of: Callable[..., Any]) -> Callable[..., list[Any]]:
    def run(tests: str, files: dict[str, bytes], network: str = NETWORK) -> list[Any]:
        suite = suite_of(tests)
        session = session_of(suite, network)
        session.artifacts = files
        return suite.run(session)

    return run


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_right_weights_pass_and_the_accuracy_is_kept(judge: Any, dtype: torch.dtype) -> None:
    outcomes = judge(ACCURACY, {"w.safetensors": save(state(dtype))})
    assert [outcome.status for outcome in outcomes] == [Status.PASSED, Status.PASSED]
    assert [outcome.measured for outcome in outcomes] == [1.0, 1.0]


def test_each_threshold_is_judged_by_one_measurement(judge: Any) -> None:
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
def test_a_file_that_does_not_do_says_why(judge: Any, files: dict[str, bytes], said: str) -> None:
    for outcome in judge(ACCURACY, files):
        assert outcome.status is Status.FAILED
        assert said in outcome.message


def test_a_file_that_is_too_large_is_refused(judge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_WEIGHTS", 100)
    assert "expected are between 1 and 100" in judge(ACCURACY, {"w.safetensors": save(state())})[0].message


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("return images", r"shape (50, classes), but gives shape (50, 3, 8, 8)"),
        ("return [1.0]", r"shape (50, classes), but gives"),
        ("return torch.zeros(len(images), 3).long()", "finite floating-point numbers"),
        ("return torch.zeros(len(images), 3 + (len(images) == 20))", "same number of classes"),
    ],
)
def test_a_network_that_gives_no_logits_says_so(judge: Any, forward: str, said: str) -> None:
    network = NETWORK.replace("return self.out(self.norm(images).mean((2, 3)))", forward)
    assert said in judge(ACCURACY, {"w.safetensors": save(state())}, network)[0].message


def test_an_unfilled_network_is_the_student_s_loss(judge: Any) -> None:
    network = NETWORK.replace("super().__init__()", "raise NotImplementedError")
    outcome = judge(ACCURACY, {"w.safetensors": save(state())}, network)[0]
    assert outcome.status is Status.ERROR
    assert "not filled" in outcome.message


def test_missing_data_are_nobody_s_loss(judge: Any) -> None:
    for files in ({}, {"w.safetensors": save(state())}):
        [outcome] = judge(NO_DATA, files)
        assert outcome.status is Status.NOT_RUN
        assert "data that it needs are not on the machine" in outcome.message
        assert "set DATA to the folder" in outcome.detail


def test_other_images_are_measured_anew(judge: Any) -> None:
    outcomes = judge(
        ACCURACY
        + """
@question("weights")
def test_of_the_reds(student, artifact):
    \"\"\"Red ones, too.\"\"\"
    images, labels = brightest(artifact.rng(), 120)
    artifact.reaches(0.9, "w.safetensors", lambda: student.Net(), images[labels > 0], labels[labels > 0])
""",
        {"w.safetensors": save(state() | {"out.bias": torch.tensor([-10.0, 0, 0]).half()})},
    )
    assert outcomes[0].measured == outcomes[1].measured < 0.8
    assert outcomes[2].measured == 1.0


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


def test_a_network_keeps_its_precision(judge: Any) -> None:
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
