"""Small students of a large teacher: assignment 04 compares nine ways to teach them with what stands here.

A student is small enough to be trained in half a minute; what the teacher says of the training images is computed
once (`teacher_knowledge`), so that no run waits for it. The losses themselves stand in the notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

MIDDLE = 24  # of the baseline's layers, those up to maps of 8×8; the others end in maps of 4×4
Widths = tuple[int, int, int]


def small_student(widths: Widths = (32, 64, 128)) -> nn.Sequential:
    """Return three convolutions of stride 2 and a linear layer: images `(N, 3, 32, 32)` -> logits `(N, 10)`."""
    layers: list[nn.Module] = []
    cin = 3
    for cout in widths:
        layers += [nn.Conv2d(cin, cout, 3, stride=2, padding=1), nn.BatchNorm2d(cout), nn.ReLU()]
        cin = cout
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, 10))


@dataclass(frozen=True)
class Inner:
    """What a student computes: maps `(N, C, 8, 8)` and `(N, C, 4, 4)`, logits `(N, 10)`."""

    middle: torch.Tensor
    last: torch.Tensor
    logits: torch.Tensor


def inner(student: nn.Sequential, images: torch.Tensor) -> Inner:
    """Return logits of a `small_student` with the maps on the way to them."""
    middle = student[:6](images)
    last = student[6:9](middle)
    return Inner(middle, last, student[9:](last))


class Branches(nn.Module):
    """Two further ends on a student's trunk, and a gate that says how much to listen to each of the three."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.ends = nn.ModuleList(small_student(widths)[6:] for _ in range(2))
        self.gate = nn.Linear(widths[1], 3)

    def forward(self, middle: torch.Tensor, first: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of the three ends `(N, 3, 10)` and the gate's mixture of them `(N, 10)`.

        middle: maps of the trunk `(N, C, 8, 8)`; first: logits of the student's own end `(N, 10)`.
        """
        every = torch.stack([first, *(end(middle) for end in self.ends)], dim=1)
        shares = self.gate(middle.mean(dim=(2, 3))).softmax(dim=1)
        return every, (shares[:, :, None] * every).sum(dim=1)


@dataclass(frozen=True)
class Lesson:
    """One batch of a training: what a loss may look at.

    network, partner: the student, and what is trained along with it (an adapter, a fellow, further ends) or None.
    student: what it computes of `images`, which have the given `labels`. teacher: the name of a tensor of
    `teacher_knowledge` -> its rows for these images; "boundary" and "boundary_logits": as many rows drawn at random.
    """

    network: nn.Sequential
    partner: nn.Module | None
    images: torch.Tensor
    labels: torch.Tensor
    student: Inner
    teacher: Callable[[str], torch.Tensor]


def boundary_samples(teacher: nn.Module, images: torch.Tensor, steps: int = 3) -> torch.Tensor:
    """Return each image moved to where the teacher finds its first and its second class alike, about.

    A step goes along the gradient of the difference of the two logits, as far as a linear function would need.
    """
    moved = []
    for x in images.split(100):
        with torch.no_grad():
            first, second = teacher(x).topk(2, dim=1).indices.T
        for _ in range(steps):
            x = x.detach().requires_grad_()
            logits = teacher(x)
            gap = (logits.gather(1, first[:, None]) - logits.gather(1, second[:, None]))[:, 0]
            (slope,) = torch.autograd.grad(gap.sum(), x)
            length = slope.pow(2).sum(dim=(1, 2, 3), keepdim=True).clamp_min(1e-12)
            x = (x - gap.detach()[:, None, None, None] * slope / length).clamp(0, 1)
        moved.append(x.detach())
    return torch.cat(moved)


@torch.no_grad()
def _passed_once(teacher: nn.Module, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the teacher's middle maps pooled to 4×4, their energy `(N, 1, 8, 8)`, its last maps and its logits."""
    found = []
    for x in images.split(200):
        middle = teacher.features[:MIDDLE](x)
        last = teacher.features[MIDDLE:](middle)
        energy = middle.pow(2).mean(dim=1, keepdim=True).sqrt()
        found.append((F.adaptive_avg_pool2d(middle, 4), energy, last, teacher.classifier(last.mean(dim=(2, 3)))))
    return tuple(torch.cat(parts) for parts in zip(*found, strict=True))


def _most_varied(maps: torch.Tensor, channels: int) -> torch.Tensor:
    """Return the channels `(N, channels, H, W)` that vary most over images and places, the most varied first."""
    return maps[:, maps.var(dim=(0, 2, 3)).argsort(descending=True)[:channels]]


def teacher_knowledge(teacher: nn.Module, images: torch.Tensor, boundaries: int = 1000) -> dict[str, torch.Tensor]:
    """Return what the course's baseline says of images `(N, 3, 32, 32)`, computed once for all students.

    Maps are divided by their root mean square, so that a loss's weight means about the same in every layer.

    Returns:
        logits `(N, 10)`; middle `(N, 64, 4, 4)` and last `(N, 512, 4, 4)`, the channels that vary most in front;
        energy `(N, 1, 8, 8)` of all middle channels; boundary, the first `boundaries` images moved by
        `boundary_samples`, and boundary_logits.
    """
    teacher.eval()
    middle, energy, last, logits = _passed_once(teacher, images)
    middle, last = _most_varied(middle, 64), _most_varied(last, last.shape[1])
    moved = boundary_samples(teacher, images[:boundaries]) if boundaries else images[:0]
    with torch.no_grad():
        moved_logits = torch.cat([teacher(x) for x in moved.split(200)]) if boundaries else logits[:0]
    maps = {"middle": middle, "last": last, "energy": energy}
    scaled = {name: (tensor / tensor.pow(2).mean().sqrt()).contiguous() for name, tensor in maps.items()}
    return {"logits": logits, **scaled, "boundary": moved, "boundary_logits": moved_logits}


def knowledge_of(rows: torch.Tensor, knowledge: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return what the teacher says of some of the images only, `rows` in ascending order."""
    moved = rows[rows < len(knowledge["boundary"])]
    return {name: found[moved if name.startswith("boundary") else rows] for name, found in knowledge.items()}


Loss = Callable[[Lesson, float], torch.Tensor]


def fit_student(
    loss: Loss,
    weight: float,
    seed: int,
    images: torch.Tensor,
    labels: torch.Tensor,
    knowledge: dict[str, torch.Tensor],
    *,
    widths: Widths,
    partner: Callable[[Widths], nn.Module] | None = None,
    epochs: int = 8,
    size: int = 64,
) -> nn.Sequential:
    """Train a small student by `loss(lesson, weight)` and return it, in eval mode.

    For one seed every loss starts from the same student and shows the images in the same order.

    Args:
        images, labels: `(N, 3, 32, 32)` and `(N,)`, on the device to train on; `knowledge` is of the same images.
        partner: makes what is trained along with a student of these widths.
        size: images of a batch.
    """
    torch.manual_seed(seed)
    network = small_student(widths).to(images.device)
    along = partner(widths).to(images.device) if partner is not None else None
    order, draw = (torch.Generator().manual_seed(seed + offset) for offset in (0, 1))
    trained = [*network.parameters(), *(along.parameters() if along is not None else ())]
    optimizer = torch.optim.SGD(trained, lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * (len(images) // size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps)
    network.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=order).split(size)[: len(images) // size]:
            drawn = torch.randint(max(1, len(knowledge["boundary"])), rows.shape, generator=draw)

            def teacher(name: str, rows: torch.Tensor = rows, drawn: torch.Tensor = drawn) -> torch.Tensor:
                return knowledge[name][drawn if name.startswith("boundary") else rows]

            x = images[rows]
            lesson = Lesson(network, along, x, labels[rows], inner(network, x), teacher)
            value = loss(lesson, weight)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def accuracy_by_class(student: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the share of right answers of each of the ten classes, `(10,)`; 0 for a class without images."""
    found = torch.cat([student(x) for x in images.split(500)]).argmax(dim=1)
    right = (found == labels).float()
    counts = torch.bincount(labels, minlength=10).clamp_min(1)
    return torch.zeros(10, device=labels.device).index_add_(0, labels, right) / counts
