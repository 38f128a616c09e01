"""Everybody's own numbers: what an assignment varies from student to student, as a public function of their code.

Each of you gets a code from the course; with it come the images that you look at, the class that you attack, the noise
that you add. Ask for your own and check your own: the functions below are the same for everybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Choice = TypeVar("Choice")


def drawn(code: str, what: str, choices: Sequence[Choice]) -> Choice:
    """Return one of the choices: the same for the same code, and about equally often for all codes."""
    digest = hashlib.sha256(f"{what}/{code.strip().upper()}".encode()).digest()
    return choices[int.from_bytes(digest[:8], "big") % len(choices)]


@dataclass(frozen=True)
class Attack:
    """Assignment 02. target: the class that images become; epsilon (in 255ths), steps and first: of the quiz."""

    target: int
    epsilon: int
    steps: int
    first: int

    @property
    def text(self) -> str:
        """Return the student's own task in words."""
        return (
            f"Your images become class {self.target}. In the quiz: ε = {self.epsilon}/255 and {self.steps} steps, of "
            f"which the first {self.first} have been taken."
        )


def own_attack(code: str) -> Attack:
    """Return the attack of a code: after the first steps some have reached the wall of the cube, and some have not."""
    steps = drawn(code, "02 steps", (10, 20, 25, 40))
    share = drawn(code, "02 first", (0.1, 0.2, 0.3, 0.6))
    return Attack(
        drawn(code, "02 target", (2, 3, 4, 6, 7, 9)),
        drawn(code, "02 epsilon", (4, 6, 8, 12)),
        steps,
        round(share * steps),
    )


@dataclass(frozen=True)
class Noise:
    """Assignment 04. rate: the middle share of wrong labels in the figure; seed: of its first run; methods: the two
    that you compare; condition: under which, beside the plain one; the others are of the last question: `percent` of
    the labels of `classes` classes are drawn anew."""

    rate: float
    seed: int
    percent: int
    classes: int
    methods: tuple[str, str]
    condition: str

    @property
    def text(self) -> str:
        """Return the student's own task in words."""
        return (
            f"Your figure: {self.rate:.0%} wrong labels in the middle, seeds from {self.seed}. Your methods: "
            f"{self.methods[0]} and {self.methods[1]}, under the condition '{self.condition}'. In the quiz: "
            f"{self.classes} classes, {self.percent} % of the labels are drawn anew."
        )


def own_noise(code: str) -> Noise:
    """Return the label noise of a code, and the methods that are dealt: never two of one family."""
    return Noise(
        drawn(code, "04 rate", (0.3, 0.4, 0.5)),
        drawn(code, "04 seed", range(0, 1000, 10)),
        drawn(code, "04 percent", (20, 30, 50, 60, 80)),
        drawn(code, "04 classes", (4, 5, 8, 10, 20)),
        (
            drawn(code, "04 first method", ("boundary samples", "hint", "flow", "attention")),
            drawn(code, "04 second method", ("similarity", "relations", "mutual learning", "on the fly")),
        ),
        drawn(code, "04 condition", ("smaller student", "rare classes", "wrong labels")),
    )


@dataclass(frozen=True)
class Window:
    """Assignment 05. first: the number of the first test image whose crops you look at; sigma: of the noisy images in
    the reliability figure; the others are of the quiz: a window of `size`, `stride` apart, over `height` × `width`."""

    first: int
    sigma: float
    height: int
    width: int
    size: int
    stride: int

    @property
    def text(self) -> str:
        """Return the student's own task in words."""
        return (
            f"Your crops: test images from number {self.first} on. Your noise: σ = {self.sigma:g}. In the quiz: an "
            f"image of {self.height}×{self.width} pixels, size {self.size}, stride {self.stride}."
        )


def own_window(code: str) -> Window:
    """Return the window of a code. It never ends exactly at the right border: there is something to round down."""
    stride = drawn(code, "05 stride", (3, 4, 5))
    size = drawn(code, "05 size", (12, 16, 20, 24))
    rows, columns = drawn(code, "05 rows", (3, 4, 6)), drawn(code, "05 columns", (7, 8, 9, 11))
    return Window(
        drawn(code, "05 first", range(0, 1000, 16)),
        drawn(code, "05 sigma", (0.06, 0.08, 0.1, 0.12)),
        size + (rows - 1) * stride + drawn(code, "05 left below", range(stride)),
        size + (columns - 1) * stride + drawn(code, "05 left beside", range(1, stride)),
        size,
        stride,
    )


@dataclass(frozen=True)
class Turns:
    """Assignment 06. nth: of each class, which test image's neighbours you look at, from 0."""

    nth: int

    @property
    def text(self) -> str:
        """Return the student's own task in words."""
        return f"Your test images: number {self.nth + 1} of each class."


def own_turns(code: str) -> Turns:
    """Return the test images of a code."""
    return Turns(drawn(code, "06 nth", range(40)))


@dataclass(frozen=True)
class Labels:
    """Assignment 07. seed: of the first handful of labelled images; matrix: of the quiz, rows true, cats first."""

    seed: int
    matrix: tuple[tuple[int, int], tuple[int, int]]

    @property
    def text(self) -> str:
        """Return the student's own task in words."""
        (cats, taken_for_dogs), (taken_for_cats, dogs) = self.matrix
        return (
            f"Your labelled images: seeds from {self.seed}. In the quiz: of the cats {cats} are called cats and "
            f"{taken_for_dogs} dogs, of the dogs {taken_for_cats} are called cats and {dogs} dogs."
        )


def own_labels(code: str) -> Labels:
    """Return the seed and the confusion matrix of a code. Its precision, recalls and accuracy are four numbers."""
    cats = drawn(code, "07 cats", (28, 42, 43))
    dogs = drawn(code, "07 dogs", (49, 50, 57))
    return Labels(
        drawn(code, "07 seed", range(0, 1000, 10)),
        ((cats, drawn(code, "07 cats lost", (15, 17, 19))), (drawn(code, "07 dogs lost", (2, 5, 8)), dogs)),
    )
