"""Hidden tests of 04_distillation.

Values are compared with formulas written in float64 here. Where a blank stands on an earlier one, a
mistake in that one is carried forward by `given`, or kept away by a stand-in (probes.py).
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.testing import (
    Mismatch,
    PublicTwin,
    close,
    close_to_any,
    given,
    gradient,
    public_twin,
    question,
    unchanged,
)
from reference_models.graded_images import drawn_test_images
from reference_models.graded_predictions import stands_as_locked
from reference_models.personal import own_noise

LOGITS = "one, odd, even, oblong, extreme, view"
INPUTS = {
    "soften": {"logits": LOGITS, "T": "one"},
    "kl_distillation": {"student_logits": LOGITS, "teacher_logits": LOGITS, "T": "one, odd, even"},
    "distillation_loss": {
        "student_logits": "one, odd, even, oblong, view",
        "teacher_logits": "one, odd, even, oblong, view",
        "labels": "one, odd, even, duplicates",
        "alpha": "extreme",
    },
    "distill_epoch": {"loader": "one, odd, even"},
    "add_label_noise": {"labels": "one, odd, even, duplicates, view", "rate": "one, extreme", "classes": "odd, even"},
    "beyond_logits": {
        "student_features": "one, odd, even, oblong, view",
        "teacher_features": "one, odd, even, oblong, extreme",
    },
    "repair_temperature": {"student_logits": LOGITS, "teacher_logits": "one, odd, even, oblong, duplicates, view"},
}

Loss = Callable[..., torch.Tensor]
STUDENT, TEACHER = torch.tensor([[2.0, 0, 0], [0, 0, 1]]), torch.tensor([[4.0, 0, 0], [0, 3, 0]])

# -- soften ----------------------------------------------------------------------------------

SOFT = public_twin("soften", torch.tensor([[4.0, 2.0, 0.0], [1.0, 0.0, 3.0]]), 4.0)
SOFT_LARGE = public_twin("soften", torch.tensor([[1000.0, 0.0, -1000.0]]), 2.0)


def softened(logits: torch.Tensor, T: float) -> torch.Tensor:
    """float64 probabilities."""
    return (logits.double() / T).softmax(dim=1)


@question("soften", twin=SOFT, weight=2)
def test_softened_probabilities(student, rng):
    """Logits are divided by T, then each row goes through a softmax."""
    for n, classes, T in ((6, 10, 3.5), (9, 4, 0.5), (1, 10, 1.0), (3, 1, 2.0)):
        z = rng.normal(n, classes, std=4.0)
        close(student.soften(z, T), softened(z, T).float())


@question("soften", twin=SOFT_LARGE)
def test_large_logits_stay_finite(student, rng):
    """Logits of ±1000 give probabilities, not NaN."""
    z = rng.normal(5, 10, std=300.0).clamp(-1000, 1000)
    z[0, 0] = 1000.0
    close(student.soften(z, 1.0), softened(z, 1.0).float())


@question("soften", twin=SOFT)
def test_soften_takes_any_layout_and_leaves_its_input(student, rng):
    """A non-contiguous float64 batch works like any other, keeps its dtype, and the caller's logits are not changed."""
    z = rng.normal(7, 5, dtype=torch.float64).T
    with unchanged(z):
        first = student.soften(z, 2.5)
    close(first, softened(z, 2.5))
    close(student.soften(z, 2.5), first)


# -- kl_distillation -------------------------------------------------------------------------

DIVERGENCE = public_twin("kl_distillation", STUDENT, TEACHER, 2.0)
DIVERGENCE_LARGE = public_twin("kl_distillation", torch.tensor([[1000.0, 0.0]]), torch.tensor([[0.0, 1000.0]]), 2.0)
DIVERGENCE_T1 = public_twin("kl_distillation", STUDENT, TEACHER, 1.0)


def divergence(student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """T² · KL(teacher ‖ student) in float64."""
    log_p = (teacher_logits.double() / T).log_softmax(dim=1)
    log_q = (student_logits.double() / T).log_softmax(dim=1)
    return T**2 * (log_p.exp() * (log_p - log_q)).sum(dim=1).mean()


def divergence_by(f: Any, student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """The same from the probabilities that `f.soften` gives."""
    p, q = f.soften(teacher_logits.double(), T), f.soften(student_logits.double(), T)
    return (T**2 * (p * (p.log() - q.log())).sum(dim=1).mean()).float()


@question("kl_distillation", builds_on=["soften"], twin=DIVERGENCE, weight=2)
def test_divergence(student, rng):
    """T² times the sum over classes of p (log p − log q), teacher first, averaged over the batch."""
    for n, classes, T in ((8, 10, 4.0), (5, 10, 1.5), (7, 3, 9.0)):
        s, t = rng.normal(n, classes, std=2.0), rng.normal(n, classes, std=3.0)
        close(
            student.kl_distillation(s, t, T),
            given(functools.partial(divergence_by, student_logits=s, teacher_logits=t, T=T)),
            dtype="any-float",
        )


@question("kl_distillation", twin=DIVERGENCE_T1)
def test_divergence_is_a_mean_over_images(student, rng):
    """One image alone has its own divergence, and the mean of two batches of equal size is that of both together."""
    s, t = rng.normal(4, 10, std=2.0), rng.normal(4, 10, std=2.0)
    close(student.kl_distillation(s[:1], t[:1], 1.0), divergence(s[:1], t[:1], 1.0).float(), dtype="any-float")
    parts = [student.kl_distillation(s[i], t[i], 1.0) for i in (slice(0, 2), slice(2, 4), slice(0, 4))]
    for part in parts:
        close(part, torch.zeros(()), dtype="any-float", atol=float("inf"))  # numbers, before they are added
    close(parts[2], (parts[0] + parts[1]) / 2, dtype="any-float")


@question("kl_distillation", twin=DIVERGENCE_LARGE, weight=2)
def test_divergence_of_large_logits(student, rng):
    """Logits of ±1000 give a finite divergence, and a student equal to its teacher has none."""
    s, t = (rng.normal(5, 10, std=300.0).clamp(-1000, 1000) for _ in range(2))
    s[0, 0], t[0, 1] = 1000.0, 1000.0
    close(student.kl_distillation(s, t, 2.0), divergence(s, t, 2.0).float(), dtype="any-float")
    close(student.kl_distillation(t, t, 2.0), torch.zeros(()), dtype="any-float")


@question("kl_distillation", twin=DIVERGENCE, weight=2)
def test_divergence_has_its_gradient(student, rng):
    """The student's logits get the gradient T (q − p) / N: nothing on the way detaches them."""
    s, t = rng.normal(4, 6, dtype=torch.float64), rng.normal(4, 6, dtype=torch.float64)
    leaf = s.clone().requires_grad_()
    divergence(leaf, t, 3.0).backward()
    close(gradient(student.kl_distillation, s, t, 3.0, wrt=0), leaf.grad)


@question("kl_distillation", twin=DIVERGENCE)
def test_divergence_leaves_its_inputs(student, rng):
    """Non-contiguous logits work, the answer is a scalar, a second call agrees, and the inputs are not changed."""
    s, t = rng.normal(6, 5).T, rng.normal(6, 5).T
    with unchanged(s, t):
        first = student.kl_distillation(s, t, 2.0)
    close(first, divergence(s, t, 2.0).float(), shape=(), dtype="any-float")
    close(student.kl_distillation(s, t, 2.0), first)


# -- distillation_loss -----------------------------------------------------------------------

MIX = public_twin(
    "distillation_loss",
    torch.tensor([[1.0, 2, 3], [1, 0, -1]]),
    torch.tensor([[3.0, 1, 0], [0, 2, -2]]),
    torch.tensor([2, 0]),
    4.0,
    0.9,
)
LABELS_ONLY = public_twin("distillation_loss", STUDENT, TEACHER, torch.tensor([1, 2]), 2.0, 0.0)

MISTAKES: tuple[Callable[..., torch.Tensor], ...] = (
    lambda f, s, t, y, T, a: (1 - a) * f.kl_distillation(s, t, T) + a * F.cross_entropy(s, y),
    lambda f, s, t, y, T, a: a * f.kl_distillation(s, t, T) + (1 - a) * F.cross_entropy(s / T, y),
    lambda f, s, t, y, T, a: a * f.kl_distillation(s, t, T) + F.cross_entropy(s, y),
    lambda f, s, t, y, T, a: a * f.kl_distillation(s, t, T) + (1 - a) * F.cross_entropy(t, y),
    lambda f, s, t, y, T, a: a * f.kl_distillation(s, t, T) * T**2 + (1 - a) * F.cross_entropy(s, y),
)


def mixture(f: Any, s: torch.Tensor, t: torch.Tensor, y: torch.Tensor, T: float, a: float) -> torch.Tensor:
    return a * f.kl_distillation(s, t, T) + (1 - a) * F.cross_entropy(s, y)


def expect_mixture(*case: Any) -> Any:
    """The right mixture of the two terms, whatever the first one is; never one of the known wrong mixtures."""
    wrong = [lambda f, mistake=mistake: mistake(f, *case) for mistake in MISTAKES]
    return given(lambda f: mixture(f, *case), wrong=wrong)


@question("distillation_loss", builds_on=["kl_distillation"], twin=MIX, weight=2)
def test_mixture(student, rng):
    """Alpha weighs the teacher, 1 − alpha the cross-entropy with the labels, which are not softened."""
    for n, classes, T, alpha in ((8, 10, 4.0, 0.9), (5, 10, 2.5, 0.3), (7, 4, 7.5, 0.65)):
        case = (rng.normal(n, classes, std=2.0), rng.normal(n, classes, std=2.0), rng.labels(n, classes), T, alpha)
        close(student.distillation_loss(*case), expect_mixture(*case), dtype="any-float")


@question("distillation_loss", twin=LABELS_ONLY)
def test_labels_alone(student, rng):
    """With alpha 0 the loss is the cross-entropy with the labels, whatever T."""
    s, t, y = rng.normal(6, 10, std=2.0), rng.normal(6, 10, std=2.0), rng.labels(6, 10)
    for T in (1.0, 5.0):
        close(student.distillation_loss(s, t, y, T, 0.0), F.cross_entropy(s, y), dtype="any-float")


@question("distillation_loss", builds_on=["kl_distillation"], twin=MIX)
def test_mixture_of_one_image(student, rng):
    """One image alone, in non-contiguous tensors: a scalar, the same on a second call, inputs as they were."""
    s, t, y = rng.normal(10, 2).T[:1], rng.normal(10, 2).T[:1], rng.labels(1, 10)
    with unchanged(s, t, y):
        first = student.distillation_loss(s, t, y, 3.0, 0.4)
    close(first, expect_mixture(s, t, y, 3.0, 0.4), dtype="any-float")
    close(student.distillation_loss(s, t, y, 3.0, 0.4), first)


# -- distill_epoch ---------------------------------------------------------------------------


def divergence_stand_in(s: torch.Tensor, t: torch.Tensor, T: float) -> torch.Tensor:
    """As in probes.py."""
    return (s / T - t).pow(2).mean()


def loss_of(soft: Loss) -> Loss:
    return lambda s, t, y, T, alpha: alpha * soft(s, t, T) + (1 - alpha) * F.cross_entropy(s, y)


def reference_divergence(s: torch.Tensor, t: torch.Tensor, T: float) -> torch.Tensor:
    return divergence(s, t, T).float()


LOSSES = (loss_of(divergence_stand_in), loss_of(reference_divergence))  # the notebook's own, and one written out again


def networks(batch_norm: bool) -> tuple[nn.Sequential, nn.Sequential]:
    """A student and a teacher for vectors of length 4; the teacher has batch norm and dropout, and is in train mode."""
    pupil = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3)) if batch_norm else nn.Sequential(nn.Linear(4, 3))
    return pupil, nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3))


def randomise(model: nn.Module, rng: Any) -> None:
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            positive = name.endswith("running_var")
            tensor.copy_(rng.uniform(*tensor.shape, low=0.5, high=2.0) if positive else rng.normal(*tensor.shape))


def trained(loss: Loss, pupil: nn.Module, teacher: nn.Module, data: Any, T: float, alpha: float) -> tuple[Any, float]:
    """State of the student after one epoch at learning rate 0.1, and the mean loss."""
    pupil, teacher = copy.deepcopy(pupil).train(), copy.deepcopy(teacher).eval()
    optimizer = torch.optim.SGD(pupil.parameters(), lr=0.1)
    total = 0.0
    for x, y in data:
        with torch.no_grad():
            guide = teacher(x)
        value = loss(pupil(x), guide, y, T, alpha)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        total += value.item() * len(y)
    return pupil.state_dict(), total / sum(len(y) for _, y in data)


def public_epoch(f: Any, remote: Any) -> list[Any]:
    """A public example: zero weights, a teacher in train mode, batches of 3 and 1."""
    pupil, teacher = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2))
    for parameter in (*pupil.parameters(), *teacher.parameters()):
        nn.init.constant_(parameter, 0.0)
    nn.init.eye_(teacher[1].weight)
    nn.init.ones_(teacher[0].weight)
    x = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [3.0, 0.0]])
    data = [(x[:3], torch.tensor([0, 1, 1])), (x[3:], torch.tensor([0]))]
    model, guide = remote.copy(pupil), remote.copy(teacher)
    mean = f.distill_epoch(model, guide, remote.loader(data), remote.sgd(model, lr=0.1), 2.0, 0.5)
    return [mean, model.state_dict()["0.weight"], guide.state_dict()["0.running_mean"]]


EPOCH = public_twin(
    run=public_epoch,
    describes="mean loss, the student's weights and the teacher's running mean after distill_epoch(…, T=2.0, "
    "alpha=0.5), SGD at 0.1 from zero weights; teacher: batch norm and identity; batches [[1, 0], [0, 2], [−1, 1]] "
    "and [[3, 0]], labels [0, 1, 1] and [0]",
)


class Epoch:
    """One run of the student's `distill_epoch`, and what could have been expected of it."""

    def __init__(
        self, student: Any, remote: Any, rng: Any, batch_norm: bool, sizes: tuple[int, ...], last: float = 1.0
    ) -> None:
        """last: factor of the last batch's images, which make its loss another one than that of the batches before."""
        pupil, teacher = networks(batch_norm)
        randomise(pupil, rng)
        randomise(teacher, rng)
        pupil.eval()  # as after an evaluation: the function has to put it into train mode
        data = rng.batches(sizes=sizes, shape=(4,), classes=3)
        data[-1] = (last * data[-1][0], data[-1][1])
        T, alpha = rng.number(1.5, 5.0), rng.number(0.3, 0.8)
        remote.probe().use_stand_ins()
        self.pupil, self.teacher = remote.copy(pupil), remote.copy(teacher)
        self.state_before = copy.deepcopy(teacher.state_dict())
        loader, optimizer = remote.loader(data), remote.sgd(self.pupil, lr=0.1)
        self._case = pupil, teacher, data, T, alpha
        self._expected = trained(LOSSES[0], *self._case)
        self.mean = student.distill_epoch(self.pupil, self.teacher, loader, optimizer, T, alpha)

    def check(self, got: Any, part: int) -> None:
        """Compare with the state (part 0) or the mean (part 1) that one of the losses leads to."""
        other = functools.partial(trained, LOSSES[1], *self._case)
        close_to_any(got, self._expected[part], lambda: other()[part], rtol=1e-4, atol=1e-5)


@question("distill_epoch", twin=EPOCH, weight=2)
def test_one_step_per_batch(student, remote, rng):
    """One step per batch under a teacher in eval mode, gradients cleared between: the weights are those expected."""
    epoch = Epoch(student, remote, rng, batch_norm=False, sizes=(5, 1, 4))
    epoch.check(epoch.pupil.state_dict(), part=0)


@question("distill_epoch", twin=EPOCH)
def test_mean_loss_over_images(student, remote, rng):
    """What comes back is the mean loss over all images, batches weighed by their size, each taken before its step."""
    epoch = Epoch(student, remote, rng, batch_norm=False, sizes=(7, 2), last=3.0)
    epoch.check(epoch.mean, part=1)


@question("distill_epoch", twin=EPOCH)
def test_student_trains_in_train_mode(student, remote, rng):
    """The student's batch norm learns its running statistics: it is in train mode, though it came in eval mode."""
    epoch = Epoch(student, remote, rng, batch_norm=True, sizes=(5, 4))
    epoch.check(epoch.pupil.state_dict(), part=0)


@question("distill_epoch", twin=EPOCH, forbids=True)
def test_teacher_is_left_alone(student, remote, rng):
    """The teacher's weights and running statistics are as before, and no gradients are left in it."""
    epoch = Epoch(student, remote, rng, batch_norm=False, sizes=(4, 4))
    close(epoch.mean, 0.0, atol=float("inf"))  # a number: it ran
    changed = {
        name: t for name, t in epoch.teacher.state_dict().items() if not torch.equal(t, epoch.state_before[name])
    }
    if changed:
        raise Mismatch("The teacher's running statistics or weights changed: was it in eval mode?", ", ".join(changed))
    if any(grad is not None and bool(grad.any()) for grad in epoch.teacher.gradients().values()):
        raise Mismatch("Gradients flowed into the teacher: compute its logits under `torch.no_grad()`.")


# -- add_label_noise -------------------------------------------------------------------------


def noise_twin(classes: int, rate: float) -> PublicTwin:
    """Shown: what share of 2000 labels changed, and whether any is out of range. Other draws are right as well."""

    def run(f: Any, remote: Any) -> torch.Tensor:
        labels = torch.arange(classes).repeat(2000 // classes)
        noisy = f.add_label_noise(labels, rate, classes, remote.generator(1))
        changed = (noisy != labels).double().mean()
        return torch.stack([(changed * 10).round() / 10, noisy.min().double(), noisy.max().double()])

    text = f"share of wrong labels (to one place), least and largest label of add_label_noise with rate={rate}"
    return public_twin(run=run, describes=f"{text}, classes={classes}, 2000 labels")


def chance(rate: float, n: int) -> float:
    """Six standard deviations of a share: a right answer leaves them once in half a billion."""
    return 6 * (rate * (1 - rate) / n) ** 0.5 + 1e-9


@question("add_label_noise", twin=noise_twin(4, 0.4), weight=2)
def test_share_of_wrong_labels(student, remote, rng):
    """A share of `rate` of the labels is wrong: a changed label is never the old one."""
    for classes, rate, n in ((4, 0.6, 6000), (10, 0.3, 6000)):
        labels = rng.labels(n, classes)
        noisy = student.add_label_noise(labels, rate, classes, remote.generator(rng.seed()))
        check_labels(noisy, labels, classes)
        share = float((noisy != labels).double().mean())
        if abs(share - rate) > chance(rate, n):
            lower = "fewer" if share < rate else "more"
            raise Mismatch(f"Clearly {lower} labels are wrong than `rate` says.", f"{share:.3f} instead of {rate}")


@question("add_label_noise", twin=noise_twin(5, 1.0), weight=2)
def test_every_other_class_is_equally_likely(student, remote, rng):
    """A changed label becomes each of the other classes equally often."""
    classes, n = 5, 4000
    labels = rng.labels(n, classes)
    noisy = student.add_label_noise(labels, 1.0, classes, remote.generator(rng.seed()))
    check_labels(noisy, labels, classes)
    offsets = ((noisy - labels) % classes).bincount(minlength=classes).double() / n
    if offsets[0] > 0:
        raise Mismatch("With rate 1 every label should be wrong.")
    if float((offsets[1:] - 1 / (classes - 1)).abs().max()) > chance(1 / (classes - 1), n):
        raise Mismatch("Changed labels favour some of the other classes.", str(offsets.tolist()))


@question("add_label_noise", twin=noise_twin(2, 1.0))
def test_ends_of_the_range(student, remote, rng):
    """Rate 0 changes nothing; rate 1 with two classes swaps them; one label alone is still a tensor of shape (1,)."""
    labels, generator = rng.labels(50, 2), remote.generator(rng.seed())
    close(student.add_label_noise(labels, 0.0, 2, generator), labels)
    close(student.add_label_noise(labels, 1.0, 2, generator), 1 - labels)
    close(student.add_label_noise(labels[:1], 1.0, 2, generator), 1 - labels[:1])


@question("add_label_noise")
def test_all_chance_comes_from_the_generator(student, remote, rng):
    """Equal generators give equal labels, another seed gives others, and one generator used twice gives two results."""
    labels, seed = rng.labels(602, 10)[::2], rng.seed()  # not contiguous
    generator = remote.generator(seed)
    first = student.add_label_noise(labels, 0.5, 10, generator)
    check_labels(first, labels, 10)
    again = student.add_label_noise(labels, 0.5, 10, remote.generator(seed))
    close(again, first)
    for other in (remote.generator(seed + 1), generator):
        if torch.equal(student.add_label_noise(labels, 0.5, 10, other), first):
            raise Mismatch(
                "Generators in different states give the same noise: is the generator used, and not re-seeded?"
            )


@question("add_label_noise", forbids=True)
def test_labels_are_not_changed_in_place(student, remote, rng):
    """The caller keeps the clean labels."""
    labels = rng.labels(200, 10)
    with unchanged(labels):
        noisy = student.add_label_noise(labels, 0.5, 10, remote.generator(rng.seed()))
    check_labels(noisy, labels, 10)


def check_labels(noisy: Any, labels: torch.Tensor, classes: int) -> None:
    """int64, the shape of the labels, in range."""
    if not isinstance(noisy, torch.Tensor) or noisy.shape != labels.shape or noisy.dtype != torch.int64:
        close(noisy, labels)  # says what is wrong with its form
    if int(noisy.min()) < 0 or int(noisy.max()) >= classes:
        raise Mismatch("Some labels are outside 0 … classes − 1.", f"{int(noisy.min())} to {int(noisy.max())}")


# -- beyond_logits ---------------------------------------------------------------------------

ALIKE = public_twin(
    "similarity_preserving_loss", torch.tensor([[1.0, 0], [1, 2], [0, 3]]), torch.tensor([[1.0], [2], [-1]])
)
MAPS = public_twin(
    "similarity_preserving_loss",
    torch.tensor([[[[1.0, 0], [0, 2]]], [[[0, 1], [1, 0]]]]),
    torch.tensor([[1.0, 0], [1, 1]]),
)


def similarity_distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    def rows(x: torch.Tensor) -> torch.Tensor:
        flat = x.double().flatten(1)
        g = flat @ flat.T
        return g / g.norm(dim=1, keepdim=True).clamp_min(1e-12)

    return (rows(a) - rows(b)).pow(2).mean().float()


@question("beyond_logits", twin=ALIKE, weight=2)
def test_similarity_of_rows(student, rng):
    """Mean squared difference of the similarity matrices, each row divided by its length; widths may differ."""
    for n, wide, narrow in ((6, 12, 5), (3, 4, 9)):
        a, b = rng.normal(n, wide), rng.normal(n, narrow, mean=1.0)
        close(student.similarity_preserving_loss(a, b), similarity_distance(a, b), dtype="any-float", rtol=1e-3)


@question("beyond_logits", twin=MAPS, weight=2)
def test_similarity_of_maps(student, rng):
    """Maps are flattened, every position kept; the inputs are not changed."""
    a, b = rng.normal(5, 2, 4, 3), rng.normal(5, 3, 2, 2, mean=0.5)
    with unchanged(a, b):
        first = student.similarity_preserving_loss(a, b)
    close(first, similarity_distance(a, b), dtype="any-float", rtol=1e-3)


@question("beyond_logits", twin=ALIKE)
def test_similarity_ignores_scale(student, rng):
    """Scaled features find the same images alike, and one image alone, or a row of zeros, is no reason for NaN."""
    a, b = rng.normal(4, 6), rng.normal(4, 6)
    close(student.similarity_preserving_loss(a, 5 * a), torch.zeros(()), dtype="any-float", atol=1e-6)
    close(student.similarity_preserving_loss(3 * a, 0.2 * b), similarity_distance(a, b), dtype="any-float", rtol=1e-3)
    close(student.similarity_preserving_loss(a[:1], b[:1]), torch.zeros(()), dtype="any-float", atol=1e-6)
    b[2] = 0
    close(student.similarity_preserving_loss(a, b), similarity_distance(a, b), dtype="any-float", rtol=1e-3)


@question("beyond_logits", twin=ALIKE)
def test_similarity_has_its_gradient(student, rng):
    """The student's features get a gradient, also where they are maps that were permuted."""
    a, b = rng.normal(2, 3, 3, 4, dtype=torch.float64).permute(3, 2, 1, 0), rng.normal(4, 5, dtype=torch.float64)
    leaf = a.clone().requires_grad_()
    similarity_distance(leaf, b).backward()
    close(gradient(student.similarity_preserving_loss, a, b, wrt=0), leaf.grad, rtol=1e-3)


# -- repair_temperature ----------------------------------------------------------------------

REPAIRED = public_twin("soft_cross_entropy", STUDENT, TEACHER, 2.0)
REPAIRED_LARGE = public_twin("soft_cross_entropy", torch.tensor([[1000.0, 0.0]]), torch.tensor([[0.0, 1000.0]]), 2.0)


def soft_cross_entropy(s: torch.Tensor, t: torch.Tensor, T: float) -> torch.Tensor:
    return (-(T**2) * (softened(t, T) * (s.double() / T).log_softmax(dim=1)).sum(dim=1).mean()).float()


# Four mistakes are to be found. Each has a test that the three others pass, so that each one found earns its share:
# at T = 1 no factor and no softening shows; a teacher that finds all classes alike, with as many images as classes, has
# the same probabilities by rows and by columns; a student that finds all classes alike is the same at every T.


def indifferent(n: int) -> torch.Tensor:
    """Logits of `n` images for `n` classes, all alike."""
    return torch.zeros(n, n)


@question("repair_temperature", twin=REPAIRED, weight=2)
def test_probabilities_of_each_image(student, rng):
    """The teacher's probabilities are those of each image: over its classes, not over the batch."""
    for n, classes in ((6, 10), (1, 5), (2, 3)):
        s, t = rng.normal(n, classes, std=2.0), rng.normal(n, classes, std=2.0)
        close(student.soft_cross_entropy(s, t, 1.0), soft_cross_entropy(s, t, 1.0), dtype="any-float")


@question("repair_temperature", twin=REPAIRED, weight=2)
def test_the_student_is_softened(student, rng):
    """The student's logits are divided by T as the teacher's are: how its losses compare depends on T."""
    for n, T in ((5, 3.0), (4, 0.5)):
        t, students = indifferent(n), [scale * rng.normal(n, n) for scale in (1.0, 6.0)]
        found = [student.soft_cross_entropy(s, t, T) for s in students]
        for loss in found:
            close(loss, torch.zeros(()), dtype="any-float", atol=float("inf"))  # a number
        expected = [soft_cross_entropy(s, t, T) for s in students]
        if not float(found[0]) > 0:
            raise Mismatch("The loss of a student that does not agree with its teacher should be above 0.")
        close(float(found[1]) / float(found[0]), float(expected[1] / expected[0]), rtol=1e-3)


@question("repair_temperature", twin=REPAIRED, weight=2)
def test_factor_of_the_temperature(student, rng):
    """The loss has the factor T²: where student and teacher find all classes alike, it is T² ln C."""
    for n, T in ((4, 2.5), (10, 4.0), (3, 0.5)):
        found = student.soft_cross_entropy(indifferent(n) + rng.number(-2, 2), indifferent(n), T)
        close(found, T**2 * torch.tensor(float(n)).log(), dtype="any-float")


@question("repair_temperature", twin=REPAIRED_LARGE, weight=2)
def test_soft_cross_entropy_of_large_logits(student, rng):
    """Logits of ±1000 give a finite loss."""
    s = rng.normal(5, 5, std=300.0).clamp(-1000, 1000)
    s[0, 0] = 1000.0
    close(
        student.soft_cross_entropy(s, indifferent(5), 1.0),
        soft_cross_entropy(s, indifferent(5), 1.0),
        dtype="any-float",
    )


@question("repair_temperature", twin=REPAIRED)
def test_soft_cross_entropy(student, rng):
    """−T² times the sum over classes of p log q, both softened per image, averaged over the batch."""
    for n, classes, T in ((6, 10, 3.0), (7, 4, 1.5), (1, 5, 6.0)):
        s, t = rng.normal(classes, n, std=2.0).T, rng.normal(classes, n, std=2.0).T  # not contiguous
        with unchanged(s, t):
            found = student.soft_cross_entropy(s, t, T)
        close(found, soft_cross_entropy(s, t, T), dtype="any-float")


@question("repair_temperature", twin=REPAIRED)
def test_soft_cross_entropy_trains_like_the_divergence(student, rng):
    """Its gradient is that of the divergence, since they differ by the teacher's entropy only."""
    s, t = rng.normal(4, 6, dtype=torch.float64), rng.normal(4, 6, dtype=torch.float64)
    leaf = s.clone().requires_grad_()
    divergence(leaf, t, 5.0).backward()
    close(gradient(student.soft_cross_entropy, s, t, 5.0, wrt=0), leaf.grad)


# -- predictions and quiz --------------------------------------------------------------------


@question("predict_temperature")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_prediction(student, reference, number):
    """The prediction is what the formulas give."""
    close(student.value(f"predict_{number}"), getattr(reference, f"predict_{number}"))


@question("predict_temperature", weight=0)
def test_locked(student):
    """Your predictions stand as they were locked, each with a reason. This costs nothing."""
    stands_as_locked(student, 3)


@question("quiz")
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_quiz(student, reference, number):
    """The answer to this question of the quiz is right."""
    close(student.value(f"quiz_{number}"), getattr(reference, f"quiz_{number}"))


@question("quiz")
@pytest.mark.parametrize("number", [5])
def test_own_number(student, reference, variant, number):
    """It is the share that is drawn anew, less the draws that give the old label again."""
    answer = student.value(f"quiz_{number}")
    if not variant:  # an earlier release, which asked everybody the same
        close(answer, getattr(reference, f"quiz_{number}"))
        return
    own = own_noise(variant)
    close(answer, own.percent * (own.classes - 1) / own.classes, atol=0.01)


# -- distilled_weights -----------------------------------------------------------------------

NETWORK = "from mobilenet import MobileNet\n"  # the notebook imports it in a training cell, which is not run


@question("distilled_weights")
@pytest.mark.parametrize("least", [0.45, 0.65])
def test_accuracy(remote, artifact, least):
    """The student's weights that you handed in get enough of the test images right."""
    images, labels = drawn_test_images(artifact.rng())
    artifact.reaches(
        least, "distilled_student.safetensors", lambda: remote.probe(NETWORK).MobileNet(10), images, labels
    )
