"""The course's figures say something: properties of what they show, on CIFAR-10 with the shipped weights.

An empty figure (two curves that lie on each other, a student that never falls) is a failing test. The masters' own
cells make the numbers, at full length: half an hour on two cores (`make test-figures`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.course import load_course
from autograder.release.starter import read_master
from autograder.suite.reference import reference_namespace

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CIFAR10_ROOT", ROOT.parent / "shared" / "data"))
pytestmark = [pytest.mark.slow, pytest.mark.data, pytest.mark.timeout(3600)]


def run_cells(name: str, grade_ids: list[str], before: str = "") -> dict[str, Any]:
    """Run the named cells of a master in its order, after its given cells and `before`; return all names."""
    if not (DATA / "cifar-10-batches-py").is_dir():
        pytest.skip("needs CIFAR-10: set CIFAR10_ROOT to the folder that holds cifar-10-batches-py")
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    master = ROOT / "solutions" / name / "solution.py"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CIFAR10_ROOT", str(DATA))
        patched.delenv("COURSE_FAST", raising=False)
        patched.syspath_prepend(str(ROOT / "reference_models"))
        names = reference_namespace(master, [ROOT / "reference_models"])
        exec("import matplotlib.pyplot as plt\n" + before, names)  # noqa: S102 - the course's own master
        for cell in read_master(load_course(ROOT).assignment(name)).notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in grade_ids:
                exec(cell.source, names)  # noqa: S102
                names["plt"].close("all")
    return names


@pytest.fixture(scope="module")
def noise() -> dict[str, torch.Tensor]:
    """Accuracies in percent, (rates, seeds), of each way to train."""
    before = (
        "data_name, images, labels, test_images, test_labels = load_images()\n"
        "nobody = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10)).to(device)\n"
        "teacher, results = course_teacher(True), {}\n"
    )
    names = run_cells("04_distillation", ["train_noise"], before)
    return {title: 100 * torch.tensor(rows) for title, rows in names["noise_curves"].items()}


@pytest.fixture(scope="module", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("figures"))
        yield


def test_a_student_alone_learns_wrong_labels_by_heart(noise: dict[str, torch.Tensor]) -> None:
    clean, half, most = noise["labels alone"].mean(dim=1)
    assert clean - half > 15
    assert half - most > 10


def test_augmentation_is_a_control_worth_having(noise: dict[str, torch.Tensor]) -> None:
    gain = (noise["alone, augmented"] - noise["labels alone"]).mean(dim=1)
    assert gain[1] > 8, "at 40 % wrong labels"


def test_the_clean_teacher_hardly_falls_and_beats_the_control(noise: dict[str, torch.Tensor]) -> None:
    taught, control = noise["teacher of clean labels"], noise["alone, augmented"]
    assert taught.mean(dim=1)[0] - taught.mean(dim=1)[2] < 10
    assert (taught.amin(dim=1) > control.amax(dim=1))[1:].all(), "bands do not touch where labels are wrong"


def test_a_noisy_teacher_passes_on_no_more_than_the_control_has(noise: dict[str, torch.Tensor]) -> None:
    taught, control = noise["teacher of the same noisy labels"], noise["alone, augmented"]
    assert ((taught - control).mean(dim=1)[1:].abs() < 5).all()


@pytest.fixture(scope="module")
def methods() -> dict[str, dict[str, torch.Tensor]]:
    """Of each condition and method that the master's own code is dealt, accuracies in percent, one a seed."""
    before = (
        "data_name, images, labels, test_images, test_labels = load_images()\n"
        "teacher, results = course_teacher(True), {}\n"
    )
    names = run_cells("04_distillation", ["train_methods", "figure_methods"], before)
    return {
        condition: {method: 100 * torch.tensor(runs).mean(dim=1) for method, runs in of_method.items()}
        for condition, of_method in names["method_runs"].items()
    }


def test_soft_targets_lie_above_labels_alone(methods: dict[str, dict[str, torch.Tensor]]) -> None:
    for of_method in methods.values():
        assert of_method["soft targets"].min() > of_method["labels alone"].max()


def test_what_knows_clean_labels_helps_where_labels_are_wrong(methods: dict[str, dict[str, torch.Tensor]]) -> None:
    gains = {
        condition: {method: (found - of_method["labels alone"]).mean() for method, found in of_method.items()}
        for condition, of_method in methods.items()
    }
    assert gains["wrong labels"]["soft targets"] > 3 * gains["plain"]["soft targets"]
    wrong = methods["wrong labels"]
    for method in ("boundary samples", "similarity"):
        assert wrong[method].min() > wrong["labels alone"].max()


@pytest.fixture(scope="module")
def two_networks() -> dict[str, Any]:
    cells = [
        "train",
        "figure_maps",
        "figure_extremes",
        "train_features",
        "figure_neighbours",
        "train_probe",
        "figure_probe",
    ]
    return run_cells("06_two_networks", cells)


def test_rotation_keeps_the_classes_in_the_middle(two_networks: dict[str, Any]) -> None:
    labels, rotations, untrained = (two_networks["curves"][name] for name in ("labels", "rotations", "untrained"))
    assert labels.mean(dim=0).argmax() == 4, "the network of labels is best at its end"
    assert rotations.mean(dim=0).argmax() == 3
    assert rotations.amin(dim=0)[3] > rotations.amax(dim=0)[4], "and the bands do not touch"
    assert (rotations.amin(dim=0)[1:] > untrained.amax(dim=0)[1:]).all()


def test_neighbours_differ_between_the_networks(two_networks: dict[str, Any]) -> None:
    tests, wanted = two_networks["features"], two_networks["shown_labels"]
    right = {}
    for title, gallery in two_networks["gallery"].items():
        _, places = two_networks["nearest_neighbours"](tests[title][:200], gallery, 10, "cosine")
        right[title] = (two_networks["gallery_labels"][places] == wanted[:200, None]).float().mean().item()
    assert right["labels"] > 0.8
    assert 0.25 < right["rotations"] < right["labels"] - 0.2


def test_extremes_are_different_images(two_networks: dict[str, Any]) -> None:
    surest, wrong = two_networks["extreme_examples"](two_networks["largest"], 8)
    assert not set(surest.tolist()) & set(wrong.tolist())
    assert two_networks["largest"][surest].max() < 0.1
    assert two_networks["largest"][wrong].min() > 2
