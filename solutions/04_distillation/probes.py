"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points.

`distill_epoch` calls the notebook's `distillation_loss`. So that a mistake there is not paid for twice,
its tests put another loss in its place: not the one that the exercise asks for, but one that
depends on every argument.
"""

import torch
import torch.nn.functional as F


def stand_in_divergence(student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """Mean squared distance of the student's logits, divided by T, from the teacher's."""
    return (student_logits / T - teacher_logits).pow(2).mean()


def stand_in_loss(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, labels: torch.Tensor, T: float, alpha: float
) -> torch.Tensor:
    soft = stand_in_divergence(student_logits, teacher_logits, T)
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def use_stand_ins() -> None:
    """Let the notebook's functions find the stand-ins under the names of the exercise."""
    names = getattr(student.distill_epoch, "__globals__", {})  # noqa: F821 - set by the engine: the notebook's names
    names["distillation_loss"] = stand_in_loss
    names["kl_distillation"] = stand_in_divergence
