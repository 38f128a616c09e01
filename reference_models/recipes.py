"""How each reference model is trained: one recipe a model for a processor, one for a GPU.

Read a recipe as a sentence: so many epochs of crops of this size, then of that; stochastic gradient descent with
Nesterov momentum 0.9; a learning rate that rises in a straight line to its peak and falls in a straight line to
zero (Smith and Topin's one-cycle policy, 2018); weight decay on the weights of convolutions and of the linear layer.
The peak rate is 0.2 for a batch of 256 and grows with the batch, which is about what David Page's ResNet of 24 epochs
used ("How to train your ResNet", 2018).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Task = Literal["classes", "rotations", "eight_classes"]
ROTATIONS = 4  # classes of the rotation task: 0, 1, 2 and 3 quarter turns anticlockwise
EIGHT_CLASSES = (0, 1, 2, 4, 6, 7, 8, 9)  # CIFAR-10 labels that are neither cat (3) nor dog (5), in the head's order


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training run does, beside the data, the seed and the device.

    stages: (side of the square crops in pixels, epochs), in order. peak_lr: for `batch` images. warm_up: share of all
    steps in which the rate rises. teacher: the reference model that teaches, at `temperature`, its divergence weighed
    by `alpha` and the labels by 1 − alpha. all_rotations: whether every image of a batch is seen under all four
    rotations at once, which makes the batch four times as large, or under one that is drawn.
    """

    stages: tuple[tuple[int, int], ...]
    task: Task = "classes"
    batch: int = 256
    peak_lr: float = 0.2
    warm_up: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.0
    teacher: str = ""
    temperature: float = 5.0
    alpha: float = 0.9
    all_rotations: bool = False

    @property
    def epochs(self) -> int:
        return sum(epochs for _, epochs in self.stages)

    def with_epochs(self, epochs: int) -> Recipe:
        """Return the same recipe, shortened or lengthened to so many epochs, shared among the stages as before.

        The last stage keeps at least one epoch. Raises ValueError for fewer than one.
        """
        if epochs < 1:
            raise ValueError(f"found {epochs} epochs, expected at least 1")
        ends, done = [], 0
        for _, count in self.stages:
            done += count
            ends.append(round(done * epochs / self.epochs))
        ends[-1] = epochs
        ends = [min(end, epochs - 1) for end in ends[:-1]] + [epochs]
        counts = [end - start for start, end in zip([0, *ends], ends, strict=False)]
        stages = tuple((size, count) for (size, _), count in zip(self.stages, counts, strict=True) if count)
        return replace(self, stages=stages)


# Two cores: crops of 20×20 and 24×24 cost 0.4 and 0.56 of whole images; the last epochs see whole images, so that the
# statistics of batch norm belong to the size that the network is used at.
_CPU_RESNET = ((20, 3), (24, 6), (32, 2))
# Small batches: the many wide maps of the separable network then stay in the processor's cache (a quarter less time).
_CPU_MOBILENET = Recipe(stages=((20, 3), (24, 4), (32, 2)), batch=64, peak_lr=0.05)
CPU = {
    "baseline": Recipe(stages=((20, 3), (24, 5), (32, 1))),
    "mobilenet": _CPU_MOBILENET,
    "mobilenet_distilled": replace(_CPU_MOBILENET, teacher="baseline"),
    "resnet_supervised": Recipe(stages=((20, 3), (24, 9), (32, 4))),
    "resnet_rotation": Recipe(stages=_CPU_RESNET, task="rotations"),
    "resnet_eight_classes": Recipe(stages=_CPU_RESNET, task="eight_classes"),
}

# A GPU: whole images throughout. These have not been run yet; the targets they are made for stand in
# docs/reference-models.md.
GPU = {
    "baseline": Recipe(stages=((32, 40),), batch=512, peak_lr=0.4),
    "mobilenet": Recipe(stages=((32, 80),), batch=512, peak_lr=0.4),
    "mobilenet_distilled": Recipe(stages=((32, 80),), batch=512, peak_lr=0.4, teacher="baseline"),
    "resnet_supervised": Recipe(stages=((32, 60),), batch=512, peak_lr=0.4),
    "resnet_rotation": Recipe(stages=((32, 60),), task="rotations", batch=128, all_rotations=True),
    "resnet_eight_classes": Recipe(stages=((32, 60),), task="eight_classes", batch=512, peak_lr=0.4),
}
