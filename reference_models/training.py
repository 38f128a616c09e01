"""The training loop that all reference models share: one recipe, one data set, one seed -> a trained network.

Everything random comes from one generator and from the seed of the first weights; the schedule depends on the number of
the step only. The state after every epoch is kept in a checkpoint, from which a run goes on to the same end as if it
had never been stopped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from reference_models.augment import all_rotations, pad_for, random_views, rotate_each, to_floats
from reference_models.cifar10 import Images
from reference_models.recipes import ROTATIONS, Recipe

REPORT_EVERY = 10  # steps; reading the loss more often would make a GPU wait


class OtherRun(Exception):
    """A checkpoint is of another recipe or seed."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to. Losses are means over images; seconds of the wall clock and of processor time."""

    epoch: int
    size: int
    train_loss: float
    train_accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Progress:
    """Where a run stands, every few steps: `step` of `steps` in `epoch` of `epochs`, all from 1; its mean loss so far.

    finished: the epoch, where it has just ended.
    """

    epoch: int
    epochs: int
    size: int
    step: int
    steps: int
    loss: float
    finished: Epoch | None = None


@dataclass
class Run:
    """A run as far as it has come: its network in train mode, and one Epoch for each that is done."""

    model: nn.Module
    history: list[Epoch] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """What a run works with, and never changes: network and optimizer are those of the run."""

    recipe: Recipe
    data: Images
    held_out: Images
    optimizer: torch.optim.SGD
    generator: torch.Generator
    device: torch.device
    teacher: nn.Module | None
    report: Callable[[Progress], None]

    @property
    def steps(self) -> int:
        """Of one epoch."""
        return max(1, len(self.data) // self.recipe.batch)


def train(
    model: nn.Module,
    recipe: Recipe,
    data: Images,
    held_out: Images,
    *,
    seed: int,
    device: str = "cpu",
    teacher: nn.Module | None = None,
    checkpoint: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Run:
    """Train `model` by `recipe`, from the checkpoint where there is one.

    Args:
        model: with its first weights; changed in place.
        data, held_out: with labels of the recipe's task, except for rotations, which are made here.
        seed: of the order, crops, flips and rotations.
        device: as torch names it; only "cpu" has been tried.
        teacher: the network that the recipe names, if it names one.
        checkpoint: a file that is read first, if it exists, and written after every epoch.
        report: called every REPORT_EVERY steps and at the end of every epoch.

    Returns:
        The run. Two runs with one seed on one device and with one number of threads, stopped in between or not, end at
        equal weights.

    Raises:
        OtherRun: the checkpoint was written by another recipe or with another seed.
    """
    generator = torch.Generator().manual_seed(seed)
    model.to(device, memory_format=torch.channels_last).train()
    if device == "cpu":
        ready_for_cpu(model)
    if teacher is not None:
        teacher.to(device, memory_format=torch.channels_last).eval()
    run, optimizer = Run(model), make_optimizer(model, recipe)
    if checkpoint is not None and checkpoint.exists():
        _load(checkpoint, _terms(recipe, seed), run, optimizer, generator)
    if recipe.task == "rotations":
        held_out = rotated_set(held_out.first(-(-len(held_out) // ROTATIONS)))  # as many images as for other tasks
    on_device = Images(data.images.to(device), data.labels.to(device))
    job = Job(recipe, on_device, held_out, optimizer, generator, torch.device(device), teacher, report)
    sizes = [size for size, epochs in recipe.stages for _ in range(epochs)]
    padded: dict[int, torch.Tensor] = {}
    for epoch in range(len(run.history), len(sizes)):
        size = sizes[epoch]
        if size not in padded:
            padded = {size: pad_for(on_device.images, size)}
        run.history.append(_one_epoch(job, run.model, padded[size], epoch, size))
        if checkpoint is not None:
            _save(checkpoint, _terms(recipe, seed), run, optimizer, generator)
    return run


def _one_epoch(job: Job, model: nn.Module, padded: torch.Tensor, epoch: int, size: int) -> Epoch:
    """Train epoch number `epoch`, from 0, on crops of `size`; then a look at the held-out images."""
    recipe, device = job.recipe, job.device
    started, cpu_started = time.monotonic(), time.process_time()
    loss_sum = torch.zeros((), dtype=torch.float64, device=device)
    right = torch.zeros((), dtype=torch.int64, device=device)
    seen = 0
    for i, index in enumerate(_batches(len(job.data), recipe.batch, job.generator)):
        rate = learning_rate(epoch * job.steps + i, recipe.epochs * job.steps, recipe)
        for group in job.optimizer.param_groups:
            group["lr"] = rate
        views = random_views(padded, index, size, job.generator)
        views, labels = for_task(recipe, views, job.data.labels[index.to(device)], job.generator)
        inputs = to_floats(views)
        with torch.autocast(device.type, torch.bfloat16):
            with torch.no_grad():
                teacher_logits = job.teacher(inputs).float() if job.teacher is not None else None
            logits = model(inputs)
        loss = batch_loss(logits.float(), labels, teacher_logits, recipe)
        job.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        job.optimizer.step()
        loss_sum += loss.detach() * len(labels)
        right += (logits.argmax(dim=1) == labels).sum()
        seen += len(labels)
        if (i + 1) % REPORT_EVERY == 0:
            job.report(Progress(epoch + 1, recipe.epochs, size, i + 1, job.steps, loss_sum.item() / seen))
    logits = predict(model, job.held_out.images, autocast=True)
    done = Epoch(
        epoch=epoch + 1,
        size=size,
        train_loss=loss_sum.item() / seen,
        train_accuracy=right.item() / seen,
        held_out_loss=F.cross_entropy(logits, job.held_out.labels).item(),
        held_out_accuracy=(logits.argmax(dim=1) == job.held_out.labels).double().mean().item(),
        seconds=time.monotonic() - started,
        cpu_seconds=time.process_time() - cpu_started,
    )
    job.report(Progress(epoch + 1, recipe.epochs, size, job.steps, job.steps, done.train_loss, done))
    return done


def learning_rate(step: int, steps: int, recipe: Recipe) -> float:
    """Return the one-cycle rate of step 0 ≤ `step` < `steps`: a line up to the peak, a line down to zero."""
    up = max(1.0, recipe.warm_up * steps)
    at = step + 0.5  # the middle of the step, so that the first is above zero and so is the last
    return recipe.peak_lr * (at / up if at < up else (steps - at) / (steps - up))


def make_optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.SGD:
    """Make SGD with Nesterov momentum; biases and batch norm's scales are not decayed."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=recipe.peak_lr, momentum=recipe.momentum, nesterov=True)


def batch_loss(
    logits: torch.Tensor, labels: torch.Tensor, teacher_logits: torch.Tensor | None, recipe: Recipe
) -> torch.Tensor:
    """Return the cross-entropy, or with a teacher alpha·T²·KL(teacher ‖ student) + (1 − alpha)·cross-entropy.

    After Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015).
    """
    hard = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
    if teacher_logits is None:
        return hard
    t = recipe.temperature
    log_p, log_q = F.log_softmax(teacher_logits / t, dim=1), F.log_softmax(logits / t, dim=1)
    soft = t * t * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)
    return recipe.alpha * soft + (1 - recipe.alpha) * hard


def for_task(
    recipe: Recipe, views: torch.Tensor, labels: torch.Tensor, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the batch as the task sees it: classes as they are; rotations turn the images and make the turn the
    label."""
    if recipe.task != "rotations":
        return views, labels
    if recipe.all_rotations:
        return all_rotations(views)
    turns = torch.randint(0, ROTATIONS, (len(views),), generator=generator).to(views.device)
    return rotate_each(views, turns), turns


def rotated_set(data: Images) -> Images:
    """Return all four rotations of every image, labelled by their quarter turns."""
    return Images(*all_rotations(data.images))


@torch.no_grad()
def predict(model: nn.Module, images: torch.Tensor, *, batch: int = 250, autocast: bool = False) -> torch.Tensor:
    """Return logits float32 `(N, classes)` of uint8 images `(N, H, W, 3)`, in eval mode; the mode is put back."""
    mode, device = model.training, next(model.parameters()).device
    model.eval()
    found = []
    for chunk in images.split(batch):
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            found.append(model(to_floats(chunk.to(device))).float().cpu())
    model.train(mode)
    return torch.cat(found)


def ready_for_cpu(model: nn.Module) -> None:
    """Run depthwise convolutions of stride 2 in float32 under autocast.

    Their gradient in bfloat16 takes ten times as long on x86 processors (309 against 32 ms for 128 channels of
    24×24, batch 256, one core); the weights and what the layer computes stay the same.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d) and layer.groups > 1 and layer.stride != (1, 1):
            layer.forward = _in_float32(layer)  # type: ignore[method-assign]


def _in_float32(layer: nn.Conv2d) -> Callable[[torch.Tensor], torch.Tensor]:
    def forward(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            y = F.conv2d(x.float(), layer.weight, layer.bias, layer.stride, layer.padding, 1, layer.groups)
        return y.to(x.dtype)

    return forward


def _batches(n: int, batch: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Yield indices of whole batches in a drawn order; what is left over waits for the next epoch."""
    order = torch.randperm(n, generator=generator)
    yield from order[: max(batch, n - n % batch)].split(batch)


def _terms(recipe: Recipe, seed: int) -> str:
    """Return what a checkpoint must agree in to be gone on from."""
    return json.dumps({"recipe": asdict(recipe), "seed": seed}, sort_keys=True)


def _save(path: Path, terms: str, run: Run, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> None:
    """Write the checkpoint beside itself first: a run that is killed meanwhile leaves the old one whole."""
    state = {
        "terms": terms,
        "model": run.model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "history": [asdict(epoch) for epoch in run.history],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def _load(path: Path, terms: str, run: Run, optimizer: torch.optim.Optimizer, generator: torch.Generator) -> None:
    state = torch.load(path, weights_only=True)
    if state["terms"] != terms:
        raise OtherRun(
            f"{path} holds a run on other terms: found {state['terms']}, expected {terms}; "
            "delete it to begin anew, or give the options that it was begun with"
        )
    run.model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    generator.set_state(state["generator"])
    run.history = [Epoch(**epoch) for epoch in state["history"]]
