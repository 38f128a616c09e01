"""Loads the course's trained networks: in the course's folder, and as a copy beside a notebook.

    from pretrained import load_model, load_state

    teacher = load_model("baseline")             # a network, ready to use
    my_network.load_state_dict(load_state("baseline"))   # or only its tensors, for a network of your own

Images are float32 `(N, 3, H, W)` in [0, 1], not normalised further. The weights lie in `<name>.safetensors`, beside
this file or in `weights/` below it, at half precision (the statistics of batch norm at single precision), and their
SHA-256 in `<name>.safetensors.sha256`. A file that was changed is refused; nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load
from torch import nn

HERE = Path(__file__).resolve().parent
# name -> (file of the definition, its class, number of classes)
DEFINITIONS = {
    "baseline": ("baseline", "BaselineNet", 10),
    "mobilenet": ("mobilenet", "MobileNet", 10),
    "mobilenet_distilled": ("mobilenet", "MobileNet", 10),
    "resnet_supervised": ("small_resnet", "SmallResNet", 10),
    "resnet_rotation": ("small_resnet", "SmallResNet", 4),
    "resnet_eight_classes": ("small_resnet", "SmallResNet", 8),
}


def make_model(name: str) -> nn.Module:
    """The network of a reference model with new weights, in train mode.

    Raises:
        ValueError: no reference model is called so.
        ImportError: the file that defines it is not here: no assignment comes with a network that it asks for.
    """
    module, class_name, classes = DEFINITIONS[_known(name)]
    try:
        found = importlib.import_module(f"{__package__}.{module}" if __package__ else module)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"the network of {name!r} is defined in {module}.py, which does not come with this assignment: "
            f"build the network yourself and fill it with load_state({name!r})"
        ) from error
    return getattr(found, class_name)(classes)


def load_model(name: str, folder: Path | str | None = None) -> nn.Module:
    """A trained reference model: images float32 `(N, 3, H, W)` in [0, 1] -> logits `(N, classes)`.

    Args:
        name: one of DEFINITIONS.
        folder: where the weights lie; None looks beside this file and in `weights/` below it.

    Returns:
        The network in eval mode, float32, on the processor.

    Raises:
        ValueError: no such model; a file whose SHA-256 is not the recorded one, or whose tensors do not fit.
        FileNotFoundError: the weights are not there.
        ImportError: the definition is not there (see `make_model`).
    """
    state = load_state(name, folder)
    model = make_model(name)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(f"the weights of {name!r} do not fit its definition: {error}") from error
    return model.eval()


def load_state(name: str, folder: Path | str | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a trained reference model, float32 (counters int64), in the order of its definition.

    The order is the one in which data pass the layers; within a layer: weight, bias, and for batch norm running mean,
    running variance and number of batches. In a residual block the shortcut comes last. So a network of one's own with
    the same layers in the same order can be filled without its names being the same:

        own.load_state_dict(dict(zip(own.state_dict(), load_state("baseline").values(), strict=True)))

    Raises ValueError and FileNotFoundError as `load_model` does.
    """
    path = find_weights(_known(name), folder)
    data = path.read_bytes()
    found, recorded = hashlib.sha256(data).hexdigest(), _recorded(path)
    if found != recorded:
        raise ValueError(
            f"{path} was changed, or did not arrive whole: its SHA-256 is {found}, expected {recorded}; "
            "take the file from the course again"
        )
    try:
        tensors = load(data)
        with safe_open(path, "pt") as file:
            order = json.loads((file.metadata() or {})["order"])
        return {key: tensors[key].float() if tensors[key].is_floating_point() else tensors[key] for key in order}
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a file of reference weights: {error}") from error


def find_weights(name: str, folder: Path | str | None = None) -> Path:
    """Where the weights of a reference model lie. Raises FileNotFoundError."""
    folders = [Path(folder)] if folder is not None else [HERE, HERE / "weights"]
    for place in folders:
        path = place / f"{name}.safetensors"
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"found no {name}.safetensors in {' or '.join(map(str, folders))}: copy it there from the course's files "
        "(reference_models/weights)"
    )


def _known(name: str) -> str:
    if name not in DEFINITIONS:
        raise ValueError(f"no reference model is called {name!r}; there are {', '.join(DEFINITIONS)}")
    return name


def _recorded(path: Path) -> str:
    """The SHA-256 in `<file>.sha256`, which has the form that `sha256sum --check` reads."""
    beside = path.with_name(path.name + ".sha256")
    if not beside.is_file():
        raise FileNotFoundError(f"found no {beside.name} beside {path}: copy it there from the course's files")
    words = beside.read_text(encoding="utf-8", errors="replace").split()
    if not words or len(words[0]) != 64:
        raise ValueError(f"{beside} should begin with a SHA-256, 64 hexadecimal digits: take it from the course again")
    return words[0].lower()
