"""The card of a reference model: what was trained, how, and what came out, as JSON, as a page and as a figure.

Everything on the page comes from the JSON, and everything in the JSON was measured on the weights as they are stored.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from reference_models import measure
from reference_models.card_page import draw_curves, page
from reference_models.cifar10 import CLASSES, Cifar10, Images
from reference_models.pretrained import DEFINITIONS, find_weights, load_model
from reference_models.probes import fit_linear, probe_blocks
from reference_models.recipes import EIGHT_CLASSES, ROTATIONS, Recipe
from reference_models.training import Epoch, predict, rotated_set

FIRST = 1000  # test images whose number of right answers stands on the card for the normal test suite
ROTATION_NAMES = ("0°", "90°", "180°", "270°")
CAT, DOG = 3, 5


def task_of(name: str) -> str:
    """Return classes, rotations or eight_classes."""
    return {ROTATIONS: "rotations", len(EIGHT_CLASSES): "eight_classes"}.get(DEFINITIONS[name][2], "classes")


def task_images(name: str, test: Images) -> Images:
    """Return the test images of a model's task: all; those of the eight classes; or all of them in all four
    rotations."""
    if task_of(name) == "rotations":
        return rotated_set(test)
    return test.of_classes(EIGHT_CLASSES) if task_of(name) == "eight_classes" else test


def first_images(name: str, test: Images) -> Images:
    """Return what the card's `first` counts on: the first 1,000 test images, or the first 250 in all four rotations."""
    first = FIRST // ROTATIONS if task_of(name) == "rotations" else FIRST
    return task_images(name, test.first(first))


def right_answers(model: nn.Module, data: Images) -> int:
    return int((predict(model, data.images).argmax(dim=1) == data.labels).sum())


def measure_and_write(
    name: str, recipe: Recipe, data: Cifar10, out: Path, history: Sequence[Epoch], *, seed: int, device: str
) -> dict[str, Any]:
    """Measure the weights in `out/weights` and write `out/cards/<name>.json`, `.md` and `.png`; returns the JSON.

    Reads the test set: done once a model, when its recipe is settled.
    """
    training = {
        "recipe": {**asdict(recipe), "epochs": recipe.epochs},
        "seed": seed,
        "device": describe(device),
        "threads": None if device.startswith("cuda") else torch.get_num_threads(),
        "seconds": sum(epoch.seconds for epoch in history),
        "cpu_seconds": sum(epoch.cpu_seconds for epoch in history),
        "images": len(task_images(name, data.train)) if task_of(name) != "rotations" else len(data.train),
        "held_out": history[-1].held_out_accuracy,
        "torch": torch.__version__.split("+")[0],
        "history": [asdict(epoch) for epoch in history],
    }
    card = {"name": name, **measured(name, data, out), "training": training}
    folder = out / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(page(card), encoding="utf-8")
    draw_curves(card, folder / f"{name}.png")
    return card


def measured(name: str, data: Cifar10, out: Path) -> dict[str, Any]:
    """Return what the weights in `out/weights` come to."""
    model = load_model(name, out / "weights")
    test, first = task_images(name, data.test), first_images(name, data.test)
    path = find_weights(name, out / "weights")
    few = data.test.first(FIRST)
    found: dict[str, Any] = {
        "definition": f"{DEFINITIONS[name][0]}.{DEFINITIONS[name][1]}",
        "parameters": sum(p.numel() for p in model.parameters()),
        "multiply_accumulates": measure.multiply_accumulates(model),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "task": task_of(name),
        "classes": class_names(name),
        "test": measure.quality(predict(model, test.images), test.labels),
        "first": {"right": right_answers(model, first), "images": len(first)},
        "crop_stability": measure.crop_stability(model, few.images),
        "by_resolution": measure.accuracy_by_resolution(model, first),
        "milliseconds": {"1": measure.latency(model, 1, 50), "128": measure.latency(model, 128, 4)},
    }
    if hasattr(model, "stages") and task_of(name) != "eight_classes":
        found["probes"] = [asdict(probe) for probe in probe_blocks(model, data.train, data.held_out, data.test)]
    if task_of(name) == "eight_classes":
        found["cats_against_dogs"] = cats_against_dogs(model, data)
    return found


def cats_against_dogs(model: nn.Module, data: Cifar10) -> dict[str, float]:
    """Return the accuracy of a linear classifier on the last features, by the number of labelled images of both."""
    train, test = (part.of_classes((CAT, DOG)) for part in (data.train, data.test))
    head, model.classifier = model.classifier, nn.Identity()
    features, unseen = (predict(model, part.images) for part in (train, test))
    model.classifier = head
    found = {}
    for images in (n for n in (20, 200, 2000, len(train)) if n <= len(train)):
        classifier = fit_linear(features[:images], train.labels[:images], seed=0)
        right = classifier(unseen).argmax(dim=1) == test.labels
        found[str(images)] = right.double().mean().item()
    return found


def class_names(name: str) -> list[str]:
    if task_of(name) == "rotations":
        return list(ROTATION_NAMES)
    return [CLASSES[i] for i in EIGHT_CLASSES] if task_of(name) == "eight_classes" else list(CLASSES)


def describe(device: str) -> str:
    """Return the device in words, without a name of this machine."""
    if device.startswith("cuda"):
        return f"one {torch.cuda.get_device_name()}"
    threads = torch.get_num_threads()
    return f"{threads} thread{'s' if threads > 1 else ''} of a processor ({platform.machine()}), no GPU"
