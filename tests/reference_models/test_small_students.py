"""Small students: all methods start alike and see the same, and the teacher speaks of the images that are shown."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from reference_models.baseline import BaselineNet
from reference_models.small_students import (
    Branches,
    Lesson,
    accuracy_by_class,
    boundary_samples,
    fit_student,
    inner,
    knowledge_of,
    small_student,
    teacher_knowledge,
)

WIDTHS = (4, 6, 8)
IMAGES = torch.rand(24, 3, 32, 32, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(24) % 10


@pytest.fixture(scope="module")
def knowledge() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return teacher_knowledge(BaselineNet(), IMAGES, boundaries=6)


def test_inner_maps_lead_to_the_same_logits() -> None:
    student = small_student(WIDTHS).eval()
    found = inner(student, IMAGES)
    assert (found.middle.shape, found.last.shape) == ((24, 6, 8, 8), (24, 8, 4, 4))
    torch.testing.assert_close(found.logits, student(IMAGES))


def test_a_gate_mixes_three_ends() -> None:
    student, branches = small_student(WIDTHS), Branches(WIDTHS)
    found = inner(student, IMAGES)
    every, mixed = branches(found.middle, found.logits)
    assert every.shape == (24, 3, 10)
    assert torch.equal(every[:, 0], found.logits)
    assert (mixed <= every.max(dim=1).values + 1e-6).all()
    assert (mixed >= every.min(dim=1).values - 1e-6).all()


def test_a_teachers_knowledge_is_of_each_image(knowledge: dict[str, torch.Tensor]) -> None:
    torch.manual_seed(0)
    teacher = BaselineNet().eval()
    torch.testing.assert_close(knowledge["logits"], teacher(IMAGES).detach())
    assert {name: tuple(found.shape) for name, found in knowledge.items()} == {
        "logits": (24, 10),
        "middle": (24, 64, 4, 4),
        "last": (24, 512, 4, 4),
        "energy": (24, 1, 8, 8),
        "boundary": (6, 3, 32, 32),
        "boundary_logits": (6, 10),
    }
    for name in ("middle", "last"):
        assert knowledge[name].pow(2).mean().sqrt() < 3
        assert (knowledge[name].var(dim=(0, 2, 3)).diff() <= 1e-6).all(), "the most varied channels come first"
    assert knowledge["last"].pow(2).mean() == pytest.approx(1, rel=1e-4)
    torch.testing.assert_close(knowledge["boundary_logits"], teacher(knowledge["boundary"]).detach())


def test_a_part_of_the_images_has_its_part_of_the_knowledge(knowledge: dict[str, torch.Tensor]) -> None:
    part = knowledge_of(torch.tensor([1, 4, 20]), knowledge)
    assert torch.equal(part["logits"], knowledge["logits"][[1, 4, 20]])
    assert torch.equal(part["boundary"], knowledge["boundary"][[1, 4]]), "image 20 was not moved"


def test_without_boundaries_none_are_made() -> None:
    assert len(teacher_knowledge(BaselineNet(), IMAGES[:2], boundaries=0)["boundary"]) == 0


def test_boundary_samples_lie_where_the_teacher_hesitates() -> None:
    torch.manual_seed(1)
    teacher = small_student((16, 32, 64)).eval()
    images = torch.rand(10, 3, 32, 32)

    def gap(of: torch.Tensor) -> torch.Tensor:
        top = teacher(of).topk(2, dim=1).values
        return (top[:, 0] - top[:, 1]).detach()

    moved = boundary_samples(teacher, images)
    assert (gap(moved) < 0.1 * gap(images).mean()).all()
    assert (moved - images).abs().max() < 0.5
    assert moved.min() >= 0
    assert moved.max() <= 1


def of_labels(lesson: Lesson, weight: float) -> torch.Tensor:
    return F.cross_entropy(lesson.student.logits, lesson.labels)


def of_partner(lesson: Lesson, weight: float) -> torch.Tensor:
    assert lesson.partner is not None
    return of_labels(lesson, weight) + F.cross_entropy(lesson.partner(lesson.images), lesson.labels)


def trained(loss: Any, knowledge: dict[str, torch.Tensor], seed: int = 0, **more: Any) -> dict[str, torch.Tensor]:
    student = fit_student(loss, 1.0, seed, IMAGES, LABELS, knowledge, widths=WIDTHS, epochs=2, size=8, **more)
    return student.state_dict()


def test_all_methods_of_a_seed_start_alike_and_see_the_same(knowledge: dict[str, torch.Tensor]) -> None:
    alone = trained(of_labels, knowledge)
    beside = trained(of_partner, knowledge, partner=small_student)
    other = trained(of_labels, knowledge, seed=1)
    assert all(torch.equal(alone[name], beside[name]) for name in alone)
    assert not torch.equal(alone["0.weight"], other["0.weight"])


def test_a_lesson_has_the_teachers_answers_of_its_own_images(knowledge: dict[str, torch.Tensor]) -> None:
    seen = []

    def loss(lesson: Lesson, weight: float) -> torch.Tensor:
        rows = [int((x == IMAGES).flatten(1).all(dim=1).nonzero()) for x in lesson.images]
        assert torch.equal(lesson.labels, LABELS[rows])
        assert torch.equal(lesson.teacher("logits"), knowledge["logits"][rows])
        moved = lesson.teacher("boundary")
        drawn = [int((knowledge["boundary"] == x).flatten(1).all(dim=1).nonzero()) for x in moved]
        assert torch.equal(lesson.teacher("boundary_logits"), knowledge["boundary_logits"][drawn])
        seen.extend(rows)
        return of_labels(lesson, weight)

    trained(loss, knowledge)
    assert sorted(seen[:24]) == sorted(seen[24:]) == list(range(24))
    assert seen[:24] != seen[24:]


def test_accuracy_of_each_class() -> None:
    class Zero(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return F.one_hot(torch.zeros(len(images), dtype=torch.int64), 10).float()

    found = accuracy_by_class(Zero(), torch.rand(4, 3, 2, 2), torch.tensor([0, 0, 1, 3]))
    assert found.tolist() == [1.0] + [0.0] * 9
