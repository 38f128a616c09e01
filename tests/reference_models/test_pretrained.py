"""Trained networks: loaded bit by bit, refused where a file was changed, with one clear message for what is missing."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from autograder.course.course import ReferenceModel, load_course
from reference_models.export import save_weights
from reference_models.pretrained import DEFINITIONS, find_weights, load_model, load_state, make_model

ROOT = Path(__file__).resolve().parents[2]
NAME = "resnet_rotation"
PARAMETERS = {
    "baseline": 7_793_610,
    "mobilenet": 1_171_978,
    "mobilenet_distilled": 1_171_978,
    "resnet_supervised": 1_228_970,
    "resnet_rotation": 1_227_428,
    "resnet_eight_classes": 1_228_456,
}
COMMITTED = load_course(ROOT).reference_models


def drawn(name: str) -> nn.Module:
    """A reference model with random weights and statistics."""
    torch.manual_seed(5)
    model = make_model(name)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 70_000.0)  # more than half precision holds
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Weights of NAME as `train` writes them."""
    save_weights(drawn(NAME), tmp_path / f"{NAME}.safetensors")
    return tmp_path


@pytest.fixture
def copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """pretrained.py copied beside the weights, imported as a notebook there would; no definition lies with it."""
    shutil.copy(ROOT / "reference_models" / "pretrained.py", folder)
    spec = importlib.util.spec_from_file_location("pretrained", folder / "pretrained.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.syspath_prepend(str(folder))
    for definition, _, _ in DEFINITIONS.values():  # a master that ran in this process may have imported one
        monkeypatch.delitem(sys.modules, definition, raising=False)
    return module


@pytest.mark.parametrize("name", DEFINITIONS)
def test_parameter_counts(name: str) -> None:
    model = make_model(name)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name]
    assert model(torch.zeros(2, 3, 9, 14)).shape == (2, DEFINITIONS[name][2])


def test_every_number_comes_back(folder: Path) -> None:
    """Weights as half precision rounds them, statistics exactly; in eval mode, float32, in the definition's order."""
    model, loaded = drawn(NAME), load_model(NAME, folder)
    assert not loaded.training
    expected, found = model.state_dict(), loaded.state_dict()
    assert list(load_state(NAME, folder)) == list(expected) == list(found)
    for key, tensor in expected.items():
        exact = key.endswith(("running_mean", "running_var", "num_batches_tracked"))
        assert torch.equal(found[key], tensor if exact else tensor.half().float()), key
    again = save_weights(loaded, folder / "again.safetensors")
    assert again == hashlib.sha256((folder / f"{NAME}.safetensors").read_bytes()).hexdigest()


def test_weights_fill_another_network_by_order(folder: Path) -> None:
    """Names do not matter, order and shapes do."""

    class Block(nn.Module):
        def __init__(self, cin: int, cout: int, stride: int) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
            self.c, self.d = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
            way = (nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)) if cin != cout else ()
            self.way = nn.Sequential(*way)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (self.d(self.c(self.b(self.a(x)).relu())) + self.way(x)).relu()

    blocks = [Block(32, 32, 1), Block(32, 64, 2), Block(64, 128, 2), Block(128, 256, 2)]
    stem = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    own = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 4)).eval()
    own.load_state_dict(dict(zip(own.state_dict(), load_state(NAME, folder).values(), strict=True)))
    images = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(own(images), load_model(NAME, folder)(images))


def test_a_changed_file_is_refused(folder: Path) -> None:
    path = folder / f"{NAME}.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"was changed, or did not arrive whole.*expected [0-9a-f]{64}"):
        load_model(NAME, folder)


def test_a_file_that_is_no_safetensors_is_refused(folder: Path) -> None:
    path = folder / f"{NAME}.safetensors"
    torch.save({"weight": torch.zeros(1)}, path)  # a pickle
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")
    with pytest.raises(ValueError, match="not a file of reference weights"):
        load_state(NAME, folder)


def test_weights_of_another_model_are_refused(folder: Path) -> None:
    for end in ("", ".sha256"):
        (folder / f"{NAME}.safetensors{end}").rename(folder / f"baseline.safetensors{end}")
    with pytest.raises(ValueError, match="the weights of 'baseline' do not fit its definition"):
        load_model("baseline", folder)


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(ValueError, match="no reference model is called 'baselin'; there are baseline, mobilenet"):
        load_model("baselin")
    with pytest.raises(FileNotFoundError, match=r"found no mobilenet\.safetensors in .*: copy it there"):
        load_model("mobilenet", folder)
    recorded = folder / f"{NAME}.safetensors.sha256"
    recorded.write_text("abc\n")
    with pytest.raises(ValueError, match="should begin with a SHA-256"):
        load_model(NAME, folder)
    recorded.unlink()
    with pytest.raises(FileNotFoundError, match=r"found no resnet_rotation\.safetensors\.sha256"):
        load_model(NAME, folder)


def test_a_copy_beside_a_notebook(copy: ModuleType, folder: Path) -> None:
    """Tensors load without the definition; the network only with it, and the message says what to do instead."""
    state = copy.load_state(NAME)
    assert list(state) == list(make_model(NAME).state_dict())
    with pytest.raises(ImportError, match=r"small_resnet\.py, which does not come with this assignment.*load_state"):
        copy.load_model(NAME)
    shutil.copy(ROOT / "reference_models" / "small_resnet.py", folder)
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(copy.load_model(NAME)(images), load_model(NAME, folder)(images))


def test_numbers_too_large_for_half_precision_are_not_written(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    nn.init.constant_(model.weight, 1e5)
    with pytest.raises(ValueError, match="weight of big holds numbers that half precision cannot"):
        save_weights(model, tmp_path / "big.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("model", COMMITTED, ids=lambda model: model.name)
def test_the_courses_weights_are_those_of_course_yaml(model: ReferenceModel) -> None:
    path = find_weights(model.name)
    assert path == ROOT / model.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
    assert path.stat().st_size < 16_000_000
    network = load_model(model.name)
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS[model.name]


def test_all_weights_together_are_small_and_recorded() -> None:
    files = list((ROOT / "reference_models" / "weights").glob("*.safetensors"))
    assert {file.stem for file in files} == {model.name for model in COMMITTED}
    assert sum(file.stat().st_size for file in files) < 45_000_000
