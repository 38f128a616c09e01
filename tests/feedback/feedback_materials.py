"""What the sample submissions of `conftest.py` are made of: notebooks, outputs, tests and questions."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from autograder.feedback import FeedbackOptions, render_feedback
from autograder.records import (
    Outcome,
    QuestionResult,
    Result,
    Shown,
    TestOutcome,
    TestStatus,
    TwinOutcome,
)

NOW = datetime(2026, 10, 13, 2, 15, tzinfo=UTC)
DUE = datetime(2026, 10, 12, 21, 59, tzinfo=UTC)
SECRET = "HIDDEN-VALUE-0.73219"  # stands in every `detail`: it must never reach a page
FLAG = "weights equal the reference model's"  # for teachers: never on a student's page


@dataclass(frozen=True)
class Cell:
    kind: str
    source: str
    outputs: Sequence[Mapping[str, Any]] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notebook:
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Sample:
    result: Result
    notebook: Notebook | None
    ours: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    options: FeedbackOptions = field(default_factory=FeedbackOptions)

    def page(self) -> str:
        return render_feedback(self.result, self.notebook, self.ours, options=self.options)


def text(value: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": value}


def plot(shade: int) -> dict[str, Any]:
    picture = Image.new("RGB", (420, 260), "white")
    draw = ImageDraw.Draw(picture)
    draw.line([(40, 20), (40, 230), (400, 230)], fill="black", width=2)
    draw.line(
        [(50 + 7 * x, 60 + 150 * (1 - math.exp(-x / (8 + shade)))) for x in range(48)], fill=(31, 90, 160), width=3
    )
    data = io.BytesIO()
    picture.save(data, "PNG")
    png = base64.b64encode(data.getvalue()).decode()
    return {
        "output_type": "display_data",
        "data": {"image/png": png, "text/plain": "<Figure size 640x480>"},
        "metadata": {},
    }


def error(name: str, value: str) -> dict[str, Any]:
    trace = [
        f"\x1b[31m{name}\x1b[39m  Traceback (most recent call last)",
        f"Cell In[4], line 3\n\x1b[31m{name}\x1b[39m: {value}",
    ]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": trace}


SOFTEN = '''def soften(logits, T):
    """Probabilities at temperature T."""
    return F.softmax(logits / T, dim=-1)'''
KL = '''def kl_distillation(student_logits, teacher_logits, T):
    """T² · KL(teacher ‖ student) of the softened probabilities, mean over the batch."""
    log_student = F.log_softmax(student_logits / T, dim=-1)
    teacher = soften(teacher_logits, T)
    return F.kl_div(log_student, teacher, reduction="batchmean")'''
LOSS = """def distillation_loss(student_logits, teacher_logits, labels, T, alpha):
    hard = F.cross_entropy(student_logits, labels)
    return alpha * kl_distillation(student_logits, teacher_logits, T) + (1 - alpha) * hard"""
ATTENTION = '''def attention_map(features):
    """Mean square over the channels, each map scaled to length one."""
    energy = features.pow(2).sum(dim=1)
    return energy / energy.flatten(1).norm(dim=1)'''
INTRO = """# Distillation
A small network learns from a large one: it imitates the teacher's *softened* probabilities
$p_i = \\exp(z_i / T) / \\sum_j \\exp(z_j / T)$. See [Hinton et al.](https://arxiv.org/abs/1503.02531).

| symbol | meaning |
|---|---|
| `T` | temperature |
| `alpha` | weight of the teacher |"""


def notebook(kl: str = KL, attention: str = ATTENTION) -> Notebook:
    return Notebook(
        [
            Cell("markdown", INTRO),
            Cell(
                "code",
                "import torch\nimport torch.nn.functional as F\n\ntorch.manual_seed(0)",
                [{"output_type": "execute_result", "data": {"text/plain": "<torch.Generator at 0x7f3c2a1b90>"}}],
            ),
            Cell("markdown", "## 1 Soften\nDivide the logits by `T` **before** the softmax."),
            Cell("code", SOFTEN),
            Cell(
                "code",
                "soften(torch.tensor([[2.0, 0.0]]), 2.0)",
                [{"output_type": "execute_result", "data": {"text/plain": "tensor([[0.7311, 0.2689]])"}}],
            ),
            Cell("markdown", "## 2 The loss of Hinton"),
            Cell("code", kl),
            Cell("code", LOSS),
            Cell("code", attention),
            Cell(
                "code",
                "# train for three epochs\nfor epoch in range(3):\n    distill_epoch(net, teacher, loader)",
                [text("".join(f"\repoch {i}/3 {'█' * i}" for i in range(1, 4)) + "\naccuracy 0.71\n")],
            ),
            Cell("code", "plt.plot(losses)\nplt.xlabel('step')", [plot(0)]),
            Cell("markdown", "Noise hurts **less** when the teacher's soft labels carry most of the weight."),
        ]
    )


OURS = {
    1: [{"output_type": "execute_result", "data": {"text/plain": "<torch.Generator at 0x7f00112233>"}}],
    4: [{"output_type": "execute_result", "data": {"text/plain": "tensor([[0.7311, 0.2689]])"}}],
    10: [plot(9)],
}


def test_of(question: str, name: str, title: str, status: str, **more: Any) -> TestOutcome:
    return TestOutcome(
        question=question, name=name, title=title, status=TestStatus(status), detail=f"largest error {SECRET}", **more
    )


def question_of(
    id: str, title: str, score: float | None, points: float, tests: Sequence[TestOutcome] = (), **more: Any
) -> QuestionResult:
    more.setdefault("kind", "tests")
    more.setdefault("status", "passed" if score == points else "partial" if score else "failed")
    return QuestionResult(id=id, title=title, score=score, max_score=points, tests=tuple(tests), **more)


def result_of(questions: Sequence[QuestionResult], **more: Any) -> Result:
    counted = [q.score for q in questions if q.score is not None]
    values: dict[str, Any] = {
        "outcome": Outcome.GRADED,
        "subject": "s-1042",
        "students": ("s-1042",),
        "assignment": "04_distillation",
        "title": "Distillation: a small network learns from a large one",
        "notebook_sha256": "0" * 64,
        "attempt": 1,
        "graded_at": NOW,
        "received_at": DUE - timedelta(hours=3),
        "score": sum(counted) - more.get("late_penalty", 0.0),
        "max_score": sum(q.max_score for q in questions),
        "needs_manual_grade": any(q.status == "needs_manual_grade" for q in questions),
        "flags": (FLAG,),
        "questions": tuple(questions),
    }
    return Result(**{**values, **more})


def tensor(values: Any, **more: Any) -> Shown:
    return Shown(kind="tensor", text=str(values), values=values, dtype="float32", **more)


MISSING_SQUARE = {
    "message": "The value is not the expected one on most inputs.",
    "misconception": "T² is missing: the gradient of the soft part shrinks with 1/T².",
    "hint": "Multiply by T * T at the end, so that both parts of the loss keep their weight when T changes.",
    "twin": TwinOutcome(
        shows="kl_distillation(\n    torch.tensor([[2., 0., 0.], [0., 0., 1.]]),\n"
        "    torch.tensor([[4., 0., 0.], [0., 3., 0.]]),\n    2.0,\n)",
        expected=Shown(kind="number", text="0.9686", values=0.9686, shape=(), dtype="float32"),
        found=Shown(kind="number", text="0.2421", values=0.2421, shape=(), dtype="float32"),
        agrees=False,
    ),
}


def attention_twin() -> TwinOutcome:
    def bump(x: int, y: int, wide: float) -> float:
        return round(math.exp(-((x - 5) ** 2 + (y - 4) ** 2) / wide), 4)

    def grid(wide: float, offset: int) -> list[list[float]]:
        return [[bump(x + offset, y, wide) for x in range(12)] for y in range(9)]

    return TwinOutcome(
        shows="attention_map(bump_features(9, 12))[0]",
        expected=Shown(kind="map", text="map", shape=(9, 12), dtype="float32", values=grid(9.0, 0)),
        found=Shown(kind="map", text="map", shape=(9, 12), dtype="float32", values=grid(4.0, 1)),
        agrees=False,
    )


def standard_questions(
    kl: Sequence[TestOutcome], attention: Sequence[TestOutcome], *, manual: QuestionResult
) -> list[QuestionResult]:
    def share(tests: Sequence[TestOutcome], points: float) -> float:
        return points * sum(t.status is TestStatus.PASSED for t in tests) / len(tests)

    def status(tests: Sequence[TestOutcome]) -> str:
        kinds = {t.status.value for t in tests}
        return kinds.pop() if len(kinds) == 1 else "partial" if "passed" in kinds else "failed"

    soften = [
        test_of("soften", "test_sums[1.0]", "Each row is a probability distribution.", "passed"),
        test_of("soften", "test_sums[4.0]", "Each row is a probability distribution.", "passed"),
        test_of("soften", "test_large", "Large logits do not overflow.", "passed"),
    ]
    loss = [
        test_of(
            "distillation_loss",
            "test_mix",
            "alpha weighs the teacher, 1 − alpha the labels.",
            "passed",
            carried_forward=True,
        ),
        test_of("distillation_loss", "test_known", "The known case gives 1.506591.", "passed"),
    ]
    return [
        question_of("soften", "Soften", 2, 2, soften),
        question_of("kl_distillation", "The loss of Hinton", share(kl, 4), 4, kl, status=status(kl)),
        question_of("distillation_loss", "Teacher and labels together", 3, 3, loss),
        question_of("attention", "Attention transfer", share(attention, 5), 5, attention, status=status(attention)),
        manual,
    ]


KL_TITLES = (
    "The value is T² · KL, averaged over the batch.",
    "The teacher gets no gradient.",
    "Any number of classes works.",
)
ATTENTION_TITLES = ("Each map has length one.", "Batches of any size work.")
WAITING = question_of(
    "noise", "Does the teacher help with noisy labels?", None, 4, kind="manual", status="needs_manual_grade"
)
BY_HAND = question_of(
    "noise",
    "Does the teacher help with noisy labels?",
    3,
    4,
    kind="manual",
    status="graded_by_hand",
    comment="Good plot.\nSay also why the gap closes at 60 % noise.",
)


def plain(question: str, titles: Sequence[str], status: str = "passed", **more: Any) -> list[TestOutcome]:
    return [test_of(question, f"test_{i}", title, status, **more) for i, title in enumerate(titles)]
