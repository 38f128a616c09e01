"""Training: every recipe takes a step, runs agree with themselves, a stopped run ends as if it had never been."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from reference_models.augment import all_rotations, pad_for, random_views, rotate_each, to_floats
from reference_models.cifar10 import Cifar10, DataNotFound, Images, find_data, load_cifar10
from reference_models.pretrained import make_model
from reference_models.recipes import CPU, GPU, Recipe
from reference_models.small_images import small_images
from reference_models.train import for_recipe, main, new_model
from reference_models.training import OtherRun, Progress, batch_loss, learning_rate, ready_for_cpu, train

RECIPES = [(kind, name) for kind in ("cpu", "gpu") for name in CPU]


def images(n: int, seed: int) -> Images:
    floats, labels = small_images(n, seed)
    return Images((floats * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous(), labels)


@pytest.fixture(scope="module")
def data() -> Cifar10:
    return Cifar10(train=images(40, 0), held_out=images(10, 1), test=images(10, 2))


class Tiny(nn.Sequential):
    """A network that trains in no time and has all that the others have: convolutions, batch norm, a stride."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        super().__init__(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1, groups=8),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 10),
        )  # fmt: skip


SHORT = Recipe(stages=((20, 2), (32, 1)), batch=16, peak_lr=0.05)


@pytest.mark.parametrize(("kind", "name"), RECIPES)
def test_one_step_of_each_recipe(kind: str, name: str, data: Cifar10) -> None:
    """Every weight moves and stays finite, and the held-out images are looked at."""
    recipe = {"cpu": CPU, "gpu": GPU}[kind][name]
    recipe = replace(recipe.with_epochs(1), batch=8)
    some = for_recipe(recipe, data)
    model = new_model(name, seed=0)
    before = {key: p.detach().clone() for key, p in model.named_parameters()}
    teacher = new_model(recipe.teacher, seed=1) if recipe.teacher else None
    taught = {key: t.clone() for key, t in teacher.state_dict().items()} if teacher is not None else {}
    run = train(model, recipe, some.train.first(8), some.held_out.first(4), seed=0, teacher=teacher)
    for key, p in model.named_parameters():
        assert p.isfinite().all(), key
        # a bias before batch norm has no gradient but rounding's, and is not decayed
        if key.endswith("weight"):
            assert not torch.equal(p, before[key]), key
    (epoch,) = run.history
    assert epoch.size == 32
    assert 0 <= epoch.held_out_accuracy <= 1
    if teacher is not None:
        assert all(torch.equal(t, taught[key]) for key, t in teacher.state_dict().items())
        assert all(p.grad is None for p in teacher.parameters())


def test_two_runs_with_one_seed_agree_and_another_seed_differs(data: Cifar10) -> None:
    first, second, other = (
        train(Tiny(), SHORT, data.train, data.held_out, seed=seed).model.state_dict() for seed in (0, 0, 1)
    )
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])


def test_a_stopped_run_ends_where_an_unbroken_one_does(data: Cifar10, tmp_path: Path) -> None:
    whole = train(Tiny(), SHORT, data.train, data.held_out, seed=0)

    def stop(progress: Progress) -> None:
        if progress.epoch == 3:
            raise KeyboardInterrupt

    checkpoint = tmp_path / "tiny.pt"
    with pytest.raises(KeyboardInterrupt):
        train(Tiny(), SHORT, data.train, data.held_out, seed=0, checkpoint=checkpoint, report=stop)
    resumed = train(Tiny(), SHORT, data.train, data.held_out, seed=0, checkpoint=checkpoint)
    expected, found = whole.model.state_dict(), resumed.model.state_dict()
    assert all(torch.equal(expected[key], found[key]) for key in expected)
    assert [e.train_loss for e in resumed.history] == [e.train_loss for e in whole.history]


def test_a_checkpoint_of_another_recipe_or_seed_is_refused(data: Cifar10, tmp_path: Path) -> None:
    checkpoint = tmp_path / "tiny.pt"
    train(Tiny(), SHORT.with_epochs(1), data.train, data.held_out, seed=0, checkpoint=checkpoint)
    for recipe, seed in ((SHORT, 0), (SHORT.with_epochs(1), 1)):
        with pytest.raises(OtherRun, match="delete it to begin anew"):
            train(Tiny(), recipe, data.train, data.held_out, seed=seed, checkpoint=checkpoint)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero() -> None:
    rates = [learning_rate(step, 1000, SHORT) for step in range(1000)]
    peak = rates.index(max(rates))
    assert abs(peak - 200) <= 1
    assert max(rates) == pytest.approx(SHORT.peak_lr, rel=0.01)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.01 * SHORT.peak_lr
    assert 0 < rates[0] < 0.01 * SHORT.peak_lr


@pytest.mark.parametrize("epochs", [1, 2, 3, 9, 16, 50])
def test_a_recipe_is_shortened_or_lengthened_in_proportion(epochs: int) -> None:
    for recipe in [*CPU.values(), *GPU.values()]:
        changed = recipe.with_epochs(epochs)
        assert changed.epochs == epochs
        assert changed.stages[-1][0] == recipe.stages[-1][0]
        assert all(count > 0 for _, count in changed.stages)
    assert CPU["baseline"].with_epochs(CPU["baseline"].epochs) == CPU["baseline"]
    with pytest.raises(ValueError, match="expected at least 1"):
        CPU["baseline"].with_epochs(0)


def test_the_distillation_loss_is_that_of_the_course() -> None:
    student, teacher = torch.tensor([[1.0, 2, 3], [1, 0, -1]]), torch.tensor([[3.0, 1, 0], [0, 2, -2]])
    recipe = replace(SHORT, teacher="baseline", temperature=4.0, alpha=0.9)
    assert batch_loss(student, torch.tensor([2, 0]), teacher, recipe).item() == pytest.approx(1.506591, abs=1e-5)


@pytest.mark.parametrize("size", [20, 24, 32])
def test_views_are_crops_of_the_image_at_every_place_and_both_ways_round(size: int) -> None:
    """Each view is a window of the padded image; all 9 or more offsets and both flips occur."""
    picture = torch.arange(32 * 32 * 3).reshape(1, 32, 32, 3) % 251
    padded = pad_for(picture.to(torch.uint8), size)
    places = padded.shape[1] - size + 1
    assert places >= 9
    windows = {}
    for top in range(places):
        for left in range(places):
            window = padded[0, top : top + size, left : left + size]
            windows[window.numpy().tobytes()] = (top, left, False)
            windows[window.flip(1).contiguous().numpy().tobytes()] = (top, left, True)
    index = torch.zeros(3000, dtype=torch.int64)
    views = random_views(padded, index, size, torch.Generator().manual_seed(0))
    found = [windows[view.contiguous().numpy().tobytes()] for view in views]
    assert {top for top, _, _ in found} == {left for _, left, _ in found} == set(range(places))
    flipped = sum(flip for _, _, flip in found)
    assert 1350 < flipped < 1650


def test_padding_reflects_and_keeps_the_image_in_the_middle() -> None:
    picture = images(3, 0).images
    padded = pad_for(picture, 32)
    assert padded.shape == (3, 40, 40, 3)
    assert torch.equal(padded[:, 4:36, 4:36], picture)
    assert torch.equal(padded[:, 3, 4:36], picture[:, 1])
    assert pad_for(picture, 24) is picture


def test_rotations_are_anticlockwise() -> None:
    picture = torch.zeros(2, 4, 4, 3, dtype=torch.uint8)
    picture[:, 0, 3] = 9  # the right upper corner
    turned = rotate_each(picture, torch.tensor([1, 2]))
    assert turned[0, 0, 0, 0] == 9
    assert turned[1, 3, 0, 0] == 9
    every, turns = all_rotations(picture)
    assert turns.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert torch.equal(rotate_each(picture.repeat(4, 1, 1, 1), turns), every)


def test_networks_are_the_same_where_a_layer_is_run_in_single_precision() -> None:
    model = make_model("mobilenet").eval()
    x = to_floats(images(2, 0).images)
    with torch.no_grad():
        expected = model(x)
        ready_for_cpu(model)
        torch.testing.assert_close(model(x), expected)


def test_images_of_some_classes_are_numbered_anew() -> None:
    some = images(50, 0)
    few = some.of_classes((7, 2))
    assert set(few.labels.tolist()) == {0, 1}
    assert torch.equal(few.images[few.labels == 0], some.images[some.labels == 7])
    assert torch.equal(few.images[few.labels == 1], some.images[some.labels == 2])


def test_where_cifar10_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("named", "variable"):
        (tmp_path / place / "cifar-10-batches-py").mkdir(parents=True)
    monkeypatch.setenv("CIFAR10_DATA", str(tmp_path / "variable"))
    assert find_data(tmp_path / "named") == tmp_path / "named"
    assert find_data() == tmp_path / "variable"
    with pytest.raises(DataNotFound, match=r"--data names .*nowhere.* holds no folder 'cifar-10-batches-py'"):
        find_data(tmp_path / "nowhere")
    with pytest.raises(DataNotFound, match="cannot be read"):
        load_cifar10(tmp_path / "named")  # no files in it
    monkeypatch.setenv("CIFAR10_DATA", str(tmp_path))
    with pytest.raises(DataNotFound, match="CIFAR10_DATA names"):
        find_data()


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["baseline", "--data", str(tmp_path), "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: --data names")
    assert result.output.count("\n") == 1


@pytest.mark.data
def test_the_held_out_images_are_5000_others() -> None:
    if find_data() is None:
        pytest.skip("CIFAR-10 is not on this machine (see docs/reference-models.md)")
    data = load_cifar10()
    assert (len(data.train), len(data.held_out), len(data.test)) == (45_000, 5_000, 10_000)
    again = load_cifar10()
    assert torch.equal(data.held_out.labels, again.held_out.labels)
    counts = data.train.labels.bincount() + data.held_out.labels.bincount()
    assert counts.tolist() == [5000] * 10
