# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] nbgrader={"grade": false, "grade_id": "intro", "locked": true, "schema_version": 3, "solution": false}
# # 04 · Distillation: learning from a teacher
#
# *About six hours, one of them waiting for training. A laptop is enough; a GPU makes the training cells quick.*
#
# A label says "cat". A trained network says "cat, but rather dog than truck". That second kind of answer holds more
# information per image, and a small network can learn from it: **knowledge distillation**. You will write its loss,
# train a MobileNet (assignment 03) under the baseline (assignment 01), and ask whether a teacher helps more
# when the labels are wrong.
#
# You will learn
#
# 1. what temperature does to probabilities, and to gradients;
# 2. to write a Kullback-Leibler divergence that is stable, averaged the right way, and the right way round;
# 3. to train one network under another without touching the other;
# 4. what a representation knows beyond its logits;
# 5. to measure an effect over several seeds instead of believing one run.
#
# ### The idea in one picture
#
# ![Images go to teacher (eval mode, no gradient) and student. Both logits are divided by T, softened, and compared by T² times KL, weighted by α; the student's logits also meet the labels in the cross-entropy, weighted by 1 − α; the sum is the loss](idea.svg)
#
# Reading: Hinton, Vinyals and Dean, [*Distilling the Knowledge in a Neural Network*](https://arxiv.org/abs/1503.02531) (2015), sections 1 and 2.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import json
import os
from pathlib import Path

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import small_images
from small_students import small_student
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: tiny training, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "own_text", "locked": true, "schema_version": 3, "solution": false}
# ### Your own numbers
#
# Some of what you look at, and one question of the quiz, differ from student to student. They follow from a code: put the one that you were given between the quotes (`personal.py` says how).

# %% tags=["variant"]
code = "GX6D4"

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_own", "locked": true, "schema_version": 3, "solution": false}
from personal import own_noise

own = own_noise(code)
print(own.text)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** Logits $[4, 2, 0]$ give the first class a probability of 0.87. After dividing the logits by $T = 4$ it has about
#
# - **a** 0.87
# - **b** 0.51
# - **c** 0.33
# - **d** 0.22
#
# **Prediction 2.** For large $T$, the gradient of $KL(p_{teacher}^T \,\|\, p_{student}^T)$ with respect to the student's logits shrinks like
#
# - **a** it does not shrink
# - **b** $1/T$
# - **c** $1/T^2$
# - **d** $e^{-T}$
#
# **Prediction 3.** The teacher is right on 90 % of the test images. Its softened predictions at $T = 5$, by largest probability, are right on
#
# - **a** 90 %, the very same images
# - **b** more than 90 %
# - **c** fewer than 90 %
# - **d** about 10 %
#
# <details><summary>Hint for 2</summary>Two factors of 1/T: one from the chain rule (logits are divided by T), one because the softened
# probabilities come closer to each other: their difference is itself about (difference of logits) / T.</details>

# %% nbgrader={"grade": false, "grade_id": "predict_temperature", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "b"  # softmax of [1, 0.5, 0] = [0.506, 0.307, 0.186]
predict_2 = "c"  # hence the factor T² in the loss
predict_3 = "a"  # dividing by T > 0 keeps the order
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. The cell that shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_temperature_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "the logits become 1, 0.5 and 0"
reason_2 = "one factor by the chain rule, one by smaller differences"
reason_3 = "dividing by five keeps the order"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_temperature", "locked": true, "schema_version": 3, "solution": false}
def check_predict_temperature() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked.")


check_predict_temperature()

# %% [markdown] nbgrader={"grade": false, "grade_id": "soften_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. Soften
# *Difficulty ●○○○ · importance ●●●○ · 10 minutes*
#
# $$p_c^T = \frac{e^{z_c / T}}{\sum_{c'} e^{z_{c'} / T}}$$
#
# $T = 1$ is the ordinary softmax; a larger $T$ lets the small probabilities be seen; $T \to \infty$ is uniform.
#
# *Worked numbers.* $z = [4, 2, 0]$: $T=1$ gives $[0.867, 0.117, 0.016]$, $T=4$ gives $[0.506, 0.307, 0.186]$.
#
# Logits may be as large as ±1000: no overflow, please.
#
# <details><summary>Hint</summary>Each <i>row</i> sums to one. <code>torch.softmax</code> subtracts the largest logit for you; a hand-written <code>exp</code> does not.</details>


# %% nbgrader={"grade": false, "grade_id": "soften", "locked": false, "schema_version": 3, "solution": true}
def soften(logits: torch.Tensor, T: float) -> torch.Tensor:
    """Probabilities at temperature T.

    Args:
        logits: float `(N, C)`, of any size up to ±1000.
        T: temperature, greater than 0.

    Returns:
        Probabilities `(N, C)` of the same dtype; each row sums to 1.
    """
    ### BEGIN SOLUTION
    return F.softmax(logits / T, dim=1)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_soften", "locked": true, "schema_version": 3, "solution": false}
def check_soften() -> None:
    z = torch.tensor([[4.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    for T in (1.0, 2.0, 5.0):
        print(f"T = {T:.0f}:", [[round(p, 3) for p in row] for row in soften(z, T).tolist()])
    assert torch.allclose(soften(z, 4.0)[0], torch.tensor([0.5064, 0.3072, 0.1863]), atol=1e-3), (
        "divide by T, then softmax"
    )
    assert torch.allclose(soften(z, 2.0).sum(dim=1), torch.ones(2)), "each row (image) sums to one, not each column"


check_soften()

# %% [markdown] nbgrader={"grade": false, "grade_id": "kl_distillation_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. How far is the student from the teacher?
# *Difficulty ●●○○ · importance ●●●● · 30 minutes*
#
# $$L_{KD} = T^2 \cdot \frac{1}{N} \sum_{n=1}^{N} \sum_{c=1}^{C} p_{nc} \left( \log p_{nc} - \log q_{nc} \right), \qquad p = \text{teacher at } T,\; q = \text{student at } T$$
#
# Three things to get right:
#
# * **the order**: the teacher's $p$ weighs the logarithms;
# * **the average**: a sum over classes, a mean over the *batch* (with ten classes, a mean over everything is ten times too small);
# * **$T^2$**: it gives back what softening takes from the gradient, so that $\alpha$ means the same at every $T$.
#
# *Worked numbers.* $T = 2$, student $[[2,0,0],[0,0,1]]$, teacher $[[4,0,0],[0,3,0]]$: $L_{KD} = 0.9686$. With student and teacher swapped 1.0028; without $T^2$ 0.2421.
#
# <details><summary>Hint 1</summary><code>F.kl_div(input, target)</code> wants <i>log-probabilities</i> of the student first and probabilities of the teacher second. Read what its <code>reduction</code> options divide by.</details>
# <details><summary>Hint 2</summary><code>torch.log(torch.softmax(…))</code> is the log of zero for large logits. <code>F.log_softmax</code> is not.</details>


# %% nbgrader={"grade": false, "grade_id": "kl_distillation", "locked": false, "schema_version": 3, "solution": true}
def kl_distillation(student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """T² · KL(teacher at T ‖ student at T), mean over the batch.

    Args:
        student_logits, teacher_logits: float `(N, C)`, up to ±1000.
        T: temperature, greater than 0.

    Returns:
        A scalar tensor `()`, at least 0, differentiable with respect to the student's logits.
        Example: student [[2,0,0],[0,0,1]], teacher [[4,0,0],[0,3,0]], T=2 gives 0.9686.
    """
    ### BEGIN SOLUTION
    log_q = F.log_softmax(student_logits / T, dim=1)
    log_p = F.log_softmax(teacher_logits / T, dim=1)
    return T**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_kl_distillation", "locked": true, "schema_version": 3, "solution": false}
def check_kl_distillation() -> None:
    s = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]], requires_grad=True)
    t = torch.tensor([[4.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    loss = kl_distillation(s, t, 2.0)
    assert loss.shape == (), "one number for the whole batch"
    assert abs(loss.item() - 0.9686) < 1e-3, (
        f"{loss.item():.4f}, expected 0.9686 (1.0028: swapped; 0.2421: T² missing; 0.3229: mean over classes)"
    )
    assert abs(kl_distillation(t, t, 2.0).item()) < 1e-6, "a student equal to its teacher has nothing to learn"
    for T in (1.0, 4.0, 16.0):
        (gradient,) = torch.autograd.grad(kl_distillation(s, t, T), s)
        print(
            f"T = {T:2.0f}: size of the gradient {gradient.norm():.3f}, without T² it would be {gradient.norm() / T**2:.5f}"
        )


check_kl_distillation()

# %% [markdown] nbgrader={"grade": false, "grade_id": "truth_text", "locked": true, "schema_version": 3, "solution": false}
# ### The truth about your predictions
#
# Measured with what you have written. Were you right for the reason that you gave?


# %% tags=["check"] nbgrader={"grade": false, "grade_id": "truth", "locked": true, "schema_version": 3, "solution": false}
def show_truth() -> None:
    if not opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        return
    print("1: softened by T = 4,", [round(float(p), 2) for p in soften(torch.tensor([[4.0, 2.0, 0.0]]), 4.0)[0]])
    student, teacher = torch.randn(2, 64, 10, generator=torch.Generator().manual_seed(0)).requires_grad_()
    sizes = []
    for T in (20.0, 40.0):
        (gradient,) = torch.autograd.grad(kl_distillation(student, teacher.detach(), T) / T**2, student)
        sizes.append(gradient.norm().item())
    print(
        f"2: from T = 20 to T = 40 the divergence's gradient, without the factor T², falls to {sizes[1] / sizes[0]:.3f} of it"
    )
    kept = (soften(teacher.detach(), 5.0).argmax(1) == teacher.argmax(1)).float().mean()
    print(f"3: {kept:.0%} of the largest probabilities belong to the same class at T = 5")


show_truth()

# %% [markdown] nbgrader={"grade": false, "grade_id": "distillation_loss_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. Teacher and labels
# *Difficulty ●○○○ · importance ●●●● · 15 minutes*
#
# $$L = \alpha\, L_{KD} + (1 - \alpha)\, \text{cross-entropy}(\text{student}, \text{labels})$$
#
# **α weighs the teacher.** The cross-entropy is at $T = 1$: labels are not softened.
#
# *Worked numbers.* Student $[[1,2,3],[1,0,-1]]$, teacher $[[3,1,0],[0,2,-2]]$, labels $[2, 0]$, $T=4$, $\alpha=0.9$: $L = 1.506591$.


# %% nbgrader={"grade": false, "grade_id": "distillation_loss", "locked": false, "schema_version": 3, "solution": true}
def distillation_loss(
    student_logits: torch.Tensor, teacher_logits: torch.Tensor, labels: torch.Tensor, T: float, alpha: float
) -> torch.Tensor:
    """alpha · kl_distillation + (1 − alpha) · cross-entropy with the labels.

    Args:
        student_logits, teacher_logits: float `(N, C)`.
        labels: int64 `(N,)` in 0..C−1.
        T: temperature of the first term only, greater than 0.
        alpha: weight of the teacher, in [0, 1].

    Returns:
        A scalar tensor `()`.
    """
    ### BEGIN SOLUTION
    soft = kl_distillation(student_logits, teacher_logits, T)
    hard = F.cross_entropy(student_logits, labels)
    return alpha * soft + (1 - alpha) * hard
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_distillation_loss", "locked": true, "schema_version": 3, "solution": false}
def check_distillation_loss() -> None:
    s, t = torch.tensor([[1.0, 2, 3], [1, 0, -1]]), torch.tensor([[3.0, 1, 0], [0, 2, -2]])
    labels = torch.tensor([2, 0])
    value = distillation_loss(s, t, labels, 4.0, 0.9).item()
    assert abs(value - 1.506591) < 1e-4, f"{value:.6f}, expected 1.506591"
    assert abs(distillation_loss(s, t, labels, 4.0, 0.0).item() - F.cross_entropy(s, labels).item()) < 1e-6, (
        "alpha 0: labels only"
    )
    print(
        f"alpha 0: {distillation_loss(s, t, labels, 4.0, 0.0):.4f} (labels only)   alpha 1: {distillation_loss(s, t, labels, 4.0, 1.0):.4f} (teacher only)"
    )


check_distillation_loss()

# %% [markdown] nbgrader={"grade": false, "grade_id": "distill_epoch_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. One epoch under a teacher
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# For each batch: teacher's logits, student's logits, loss, one step of the optimizer. Mind the teacher:
#
# * **eval mode**, or its batch norm would use this batch's statistics and move its own running ones (a teacher that changes while it teaches);
# * **no gradients into it**: slower, more memory, and a careless optimizer would train it.
#
# The student is in train mode. You may leave both models in these modes. Images, labels and models are on one device already.
#
# Return the **mean loss over all images** of the epoch: the last batch may be smaller, so weigh each batch by its size.
# *Worked numbers.* Batches of 64 and 16 images with losses 1.0 and 2.0: $(64 \cdot 1 + 16 \cdot 2) / 80 = 1.2$, not 1.5.
#
# <details><summary>Hint</summary>The five-line loop is that of <code>train_epoch</code> in assignment 01, with two additional lines for the teacher.
# The loss of each step is the one <i>before</i> that step; <code>loss.item()</code> is a plain number and keeps no graph alive.</details>


# %% nbgrader={"grade": false, "grade_id": "distill_epoch", "locked": false, "schema_version": 3, "solution": true}
def distill_epoch(student_model, teacher_model, loader, optimizer, T: float, alpha: float) -> float:
    """Train the student for one pass over the data, under the teacher.

    Args:
        student_model: module, images `(N, 3, H, W)` -> logits `(N, C)`; trained in place, in train mode.
        teacher_model: module of the same kind; used in eval mode, its weights, buffers and gradients untouched.
        loader: yields `(images, labels)`; batches may differ in size.
        optimizer: over the student's parameters.
        T, alpha: as in `distillation_loss`.

    Returns:
        Mean loss over all images, a float.
    """
    ### BEGIN SOLUTION
    student_model.train()
    teacher_model.eval()
    total, count = 0.0, 0
    for images, labels in loader:
        with torch.no_grad():
            teacher_logits = teacher_model(images)
        loss = distillation_loss(student_model(images), teacher_logits, labels, T, alpha)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(images), count + len(images)
    return total / count
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_distill_epoch", "locked": true, "schema_version": 3, "solution": false}
def check_distill_epoch() -> None:
    torch.manual_seed(0)
    pupil, master = nn.Linear(4, 3), nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
    before = {name: tensor.clone() for name, tensor in master.state_dict().items()}
    data = [(torch.randn(8, 4), torch.randint(3, (8,))), (torch.randn(3, 4), torch.randint(3, (3,)))]
    sgd = torch.optim.SGD(pupil.parameters(), lr=0.1)
    losses = [distill_epoch(pupil, master, data, sgd, 2.0, 0.7) for _ in range(20)]
    assert losses[-1] < losses[0], "the mean loss should fall over twenty epochs on eleven examples"
    assert all(torch.equal(before[name], tensor) for name, tensor in master.state_dict().items()), (
        "the teacher changed: eval mode?"
    )
    assert all(p.grad is None for p in master.parameters()), "gradients flowed into the teacher"
    print(f"mean loss {losses[0]:.3f} -> {losses[-1]:.3f}; the teacher is as it was")


check_distill_epoch()

# %% [markdown] nbgrader={"grade": false, "grade_id": "add_label_noise_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. Spoil the labels
# *Difficulty ●●○○ · importance ●●○○ · 20 minutes*
#
# Does a teacher help more when labels are wrong? To find out, make them wrong in a controlled way: each label is, **independently with
# probability `rate`**, replaced by one of the **other** classes, each equally likely. A changed label is never the old one,
# so that `rate` is what it says. All chance comes from `generator`: two calls with equal generators give equal labels.
#
# *Worked numbers.* `rate=0` changes none, `rate=1` changes all; with two classes `rate=1` swaps them.
#
# <details><summary>Hint</summary>Add a random offset to the label, modulo the number of classes. Which offsets change the class?</details>


# %% nbgrader={"grade": false, "grade_id": "add_label_noise", "locked": false, "schema_version": 3, "solution": true}
def add_label_noise(labels: torch.Tensor, rate: float, classes: int, generator: torch.Generator) -> torch.Tensor:
    """A copy of the labels in which each is wrong with probability `rate`.

    Args:
        labels: int64 `(N,)` in 0..classes−1; left unchanged.
        rate: probability of a change, in [0, 1].
        classes: number of classes, at least 2.
        generator: the only source of chance.

    Returns:
        int64 `(N,)`; a changed label is one of the other classes, each equally likely.
    """
    ### BEGIN SOLUTION
    changed = torch.rand(labels.shape, generator=generator) < rate
    offset = torch.randint(1, classes, labels.shape, generator=generator)
    return torch.where(changed, (labels + offset) % classes, labels)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_add_label_noise", "locked": true, "schema_version": 3, "solution": false}
def check_add_label_noise() -> None:
    clean = torch.arange(10).repeat(200)
    noisy = add_label_noise(clean, 0.4, 10, torch.Generator().manual_seed(1))
    share = (noisy != clean).float().mean().item()
    assert noisy.dtype == torch.int64, "labels stay int64"
    assert noisy.shape == clean.shape, "labels stay (N,)"
    assert torch.equal(clean, torch.arange(10).repeat(200)), "the caller's labels were changed in place"
    assert 0.34 < share < 0.46, (
        f"{share:.2f} of the labels changed, expected about 0.40 (0.36: a changed label may be the old one)"
    )
    assert torch.equal(noisy, add_label_noise(clean, 0.4, 10, torch.Generator().manual_seed(1))), (
        "use the generator only"
    )
    print(f"{share:.3f} of the labels are wrong now")


check_add_label_noise()

# %% [markdown] nbgrader={"grade": false, "grade_id": "given_losses_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. Beyond logits
#
# Logits are the last word of a network; its inner maps know more, and so do its neighbours. Seven further ideas, worked through, each a few
# lines. Read them: the next blank is of the same kind, the quiz asks about them, and part 11 trains students by those that you are dealt.
#
# | loss | the student imitates | source |
# |---|---|---|
# | `hint_loss` | an inner map, through a small adapter | FitNets, 2015 |
# | `attention_transfer_loss` | *where* the map is active | Zagoruyko and Komodakis, 2017 |
# | `flow_loss` | how one layer's channels go together with the next one's | FSP: Yim et al., 2017 |
# | `relational_distance_loss` | distances between the images of a batch | RKD: Park et al., 2019 |
# | `mutual_learning_losses` | a fellow student | Zhang et al., 2018 |
# | `ensemble_losses` | the ensemble of its own branches | ONE: Lan et al., 2018 |
# | `imbalanced_indices` (data) | – it thins out classes, the other way to make labels hard | |


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_losses", "locked": true, "schema_version": 3, "solution": false}
def hint_loss(student_features: torch.Tensor, teacher_features: torch.Tensor, adapter: nn.Module) -> torch.Tensor:
    """Mean squared error between an adapted map `(N, Cs, H, W)` of the student and the teacher's `(N, Ct, H, W)`."""
    return F.mse_loss(adapter(student_features), teacher_features.detach())


def attention_transfer_loss(student_features: torch.Tensor, teacher_features: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of normalised energy maps; features `(N, C, H, W)`, channels may differ."""

    def attention(features: torch.Tensor) -> torch.Tensor:
        return F.normalize(features.pow(2).mean(dim=1).flatten(1), dim=1)  # (N, H·W), length one

    return (attention(student_features) - attention(teacher_features.detach())).pow(2).mean()


def flow_loss(
    student_from: torch.Tensor, student_to: torch.Tensor, teacher_from: torch.Tensor, teacher_to: torch.Tensor
) -> torch.Tensor:
    """Mean squared difference of two flows: of two layers, which channels are active together, `(N, C1, C2)`.

    Maps `(N, C, H, W)`, averaged to the size of `teacher_to`; of a wider teacher the first channels count.
    """

    def flow(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        places = teacher_to.shape[2:]
        a, b = (F.adaptive_avg_pool2d(maps, places).flatten(2) for maps in (a, b))  # (N, C, H·W)
        return a @ b.transpose(1, 2) / a.shape[2]

    of_teacher = flow(teacher_from[:, : student_from.shape[1]], teacher_to[:, : student_to.shape[1]])
    return F.mse_loss(flow(student_from, student_to), of_teacher.detach())


def relational_distance_loss(student_features: torch.Tensor, teacher_features: torch.Tensor) -> torch.Tensor:
    """Smooth L1 between the distances of all N (N − 1) / 2 pairs, divided by their mean; features `(N, D)`, widths may differ."""

    def distances(features: torch.Tensor) -> torch.Tensor:
        pairs = F.pdist(features)  # (N (N − 1) / 2,), every pair once
        return pairs / pairs.mean().clamp_min(1e-12)

    return F.smooth_l1_loss(distances(student_features), distances(teacher_features.detach()))


def mutual_learning_losses(
    logits_a: torch.Tensor, logits_b: torch.Tensor, labels: torch.Tensor, weight: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Losses of two students who teach each other; each takes the other's answer as fixed."""

    def loss(own: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(own, labels) + weight * kl_distillation(own, other.detach(), 1.0)

    return loss(logits_a, logits_b), loss(logits_b, logits_a)


def ensemble_losses(
    branches: torch.Tensor, ensemble: torch.Tensor, labels: torch.Tensor, weight: float = 1.0
) -> tuple[torch.Tensor, ...]:
    """Losses of an ensemble `(N, C)` and of its branches `(N, B, C)`, each of which it teaches."""
    target = ensemble.detach()
    return F.cross_entropy(ensemble, labels), *(
        F.cross_entropy(branch, labels) + weight * kl_distillation(branch, target, 3.0) for branch in branches.unbind(1)
    )


def imbalanced_indices(labels: torch.Tensor, gamma: float) -> torch.Tensor:
    """Indices that keep a share falling from 1 (class 0) to `gamma` (last class), geometrically; order is kept."""
    classes = int(labels.max()) + 1
    kept = []
    for c in range(classes):
        members = (labels == c).nonzero()[:, 0]
        kept.append(members[: max(1, round(len(members) * gamma ** (c / max(1, classes - 1))))])
    return torch.cat(kept).sort().values


# %% [markdown] nbgrader={"grade": false, "grade_id": "beyond_logits_text", "locked": true, "schema_version": 3, "solution": false}
# ### Who resembles whom
# *Difficulty ●●●○ · importance ●●○○ · 30 minutes*
#
# The similarity-preserving loss (Tung and Mori, 2019) asks: which images of a batch does the teacher find alike? The student should
# find the same ones alike, whatever its own width. With features flattened to matrices $A \in R^{N \times D}$:
#
# $$G = A A^{T} \in R^{N \times N}, \qquad \tilde G_{i\cdot} = \frac{G_{i\cdot}}{\lVert G_{i\cdot} \rVert_2}, \qquad L = \frac{1}{N^2} \sum_{i,j} \left( \tilde G^{S}_{ij} - \tilde G^{T}_{ij} \right)^2$$
#
# Each **row** of $G$ is divided by its Euclidean length (a row of zeros stays zeros).
#
# *Worked numbers.* Student features $[[1,0],[0,1]]$, teacher features $[[1,0],[1,0]]$: the student's $\tilde G$ is the identity, the teacher's rows are
# $[0.7071, 0.7071]$; $L = \frac{1}{4}(4 \cdot 0.2929) = 0.2929$.
#
# <details><summary>Hint</summary><code>F.normalize(G, dim=1)</code>, and note that neither network's D nor its map size appears in the result's shape.</details>


# %% nbgrader={"grade": false, "grade_id": "beyond_logits", "locked": false, "schema_version": 3, "solution": true}
def similarity_preserving_loss(student_features: torch.Tensor, teacher_features: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of the two row-normalised similarity matrices.

    Args:
        student_features: float `(N, …)`, flattened to `(N, D)` here.
        teacher_features: float `(N, …)`, of any other shape after N.

    Returns:
        A scalar tensor `()`, 0 if both find the same images alike.
    """

    ### BEGIN SOLUTION
    def similarity(features: torch.Tensor) -> torch.Tensor:
        rows = features.flatten(1)
        return F.normalize(rows @ rows.T, dim=1)

    return (similarity(student_features) - similarity(teacher_features)).pow(2).mean()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_beyond_logits", "locked": true, "schema_version": 3, "solution": false}
def check_beyond_logits() -> None:
    one, two = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    value = similarity_preserving_loss(one, two).item()
    assert abs(value - 0.2929) < 1e-3, f"{value:.4f}, expected 0.2929"
    maps = torch.rand(5, 3, 4, 4)
    assert similarity_preserving_loss(maps, 7 * maps).item() < 1e-10, (
        "a scale of all features does not change who resembles whom"
    )
    print("Width 48 against width 6:", round(similarity_preserving_loss(maps, torch.rand(5, 6)).item(), 5))


check_beyond_logits()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_temperature_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. Repair a loss
# *Difficulty ●●●○ · importance ●●●○ · 30 minutes*
#
# Many code bases use a **soft cross-entropy** instead of the divergence. It differs by the teacher's entropy, which the student
# cannot change, so its gradient is the same:
#
# $$L_{SCE} = - T^2 \cdot \frac{1}{N} \sum_{n} \sum_{c} p_{nc} \log q_{nc}, \qquad p = \text{teacher at } T,\; q = \text{student at } T$$
#
# Below is one that somebody copied from memory. It runs, it falls during training, and it is wrong in **four** places. Run the symptoms, find
# the causes, write `soft_cross_entropy`.
#
# *Worked numbers.* $T = 2$, student $[[2,0,0],[0,0,1]]$, teacher $[[4,0,0],[0,3,0]]$: $L_{SCE} = 3.9634$, that is the 0.9686 of part 3 plus $T^2$ times the teacher's mean entropy, 0.7487.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_loss", "locked": true, "schema_version": 3, "solution": false}
def broken_soft_cross_entropy(student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """Wrong on purpose, four times."""
    p = F.softmax(teacher_logits / T, dim=0)
    q = F.softmax(student_logits, dim=1)
    return -T * (p * q.log()).sum(dim=1).mean()


def show_symptoms() -> None:
    s = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    t = torch.tensor([[4.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    print("worked example, expected 3.9634:", round(broken_soft_cross_entropy(s, t, 2.0).item(), 4))
    alone, twice = (broken_soft_cross_entropy(s[rows], t[rows], 2.0).item() for rows in ([0], [0, 0]))
    print(f"one image alone and the same image twice should agree: {alone:.4f}, {twice:.4f}")
    print("large logits should give a number:", broken_soft_cross_entropy(300 * s, t, 2.0).item())


show_symptoms()


# %% nbgrader={"grade": false, "grade_id": "repair_temperature", "locked": false, "schema_version": 3, "solution": true}
def soft_cross_entropy(student_logits: torch.Tensor, teacher_logits: torch.Tensor, T: float) -> torch.Tensor:
    """−T² Σ_c p_teacher log p_student, both at temperature T, mean over the batch.

    Args:
        student_logits, teacher_logits: float `(N, C)`, up to ±1000.
        T: temperature, greater than 0.

    Returns:
        A scalar tensor `()`.
    """
    ### BEGIN SOLUTION
    p = F.softmax(teacher_logits / T, dim=1)
    log_q = F.log_softmax(student_logits / T, dim=1)
    return -(T**2) * (p * log_q).sum(dim=1).mean()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_temperature", "locked": true, "schema_version": 3, "solution": false}
def check_repair_temperature() -> None:
    s = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    t = torch.tensor([[4.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    value = soft_cross_entropy(s, t, 2.0).item()
    assert abs(value - 3.9634) < 1e-3, f"{value:.4f}, expected 3.9634"
    assert torch.isfinite(soft_cross_entropy(300 * s, t, 2.0)), "the log of a probability that rounds to zero"
    print(f"soft cross-entropy {value:.4f}")


check_repair_temperature()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_text", "locked": true, "schema_version": 3, "solution": false}
# ## 9. Train a teacher, then two students
# *An hour of waiting on a laptop, minutes on a GPU*
#
# The baseline as the teacher (the course's own, trained on CIFAR-10, where `pretrained.py` finds its weights); a MobileNet alone; the same MobileNet under the teacher, by the same recipe. Saved:
#
# * `distilled_student.safetensors`: the student's weights at half precision. **Hand this file in beside the notebook.** It is
#   loaded into a `MobileNet` and shown 200 test images of CIFAR-10, each moved, mirrored or dimmed a little: 45 % right earn half of its
#   points, 65 % all of them.
# * `distillation_results.json`: what the figures show.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_training", "locked": true, "schema_version": 3, "solution": false}
def load_images() -> tuple[str, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Name of the data; training images and labels; test images and labels. Images `(N, 3, H, W)` in [0, 1]."""
    if not FAST:
        from cifar10_images import announce_stand_in, load_cifar10

        try:
            (x, y), (x_test, y_test) = [(x.permute(0, 3, 1, 2) / 255, y) for x, y in map(load_cifar10, (True, False))]
            return "CIFAR-10", x, y, x_test, y_test
        except OSError as problem:
            announce_stand_in("CIFAR-10", problem)
            return "small images", *small_images(4000, seed=0), *small_images(1000, seed=1)
    (x, y), (x_test, y_test) = small_images(128, seed=0), small_images(100, seed=1)
    return "small images, trial run", x[..., ::2, ::2], y, x_test[..., ::2, ::2], y_test


def batches(images: torch.Tensor, labels: torch.Tensor, size: int = 64):
    """A loader: one pass over the data in a new order, half of the images mirrored."""
    for chosen in torch.randperm(len(images)).split(size):
        x = images[chosen].to(device)
        flip = torch.rand(len(x), 1, 1, 1, device=device) < 0.5
        yield torch.where(flip, x.flip(-1), x), labels[chosen].to(device)


@torch.no_grad()
def predict(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits `(N, C)` in eval mode."""
    network.eval()
    return torch.cat([network(x.to(device)).cpu() for x in images.split(250)])


def fit(network: nn.Module, teacher: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, alpha: float):
    """Train under a teacher at T = 4; alpha 0 is training on labels alone. Returns the network."""
    network.to(device)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in with_bar(range(epochs), f"{type(network).__name__}, epochs"):
        distill_epoch(network, teacher, batches(images, labels), optimizer, 4.0, alpha)
        schedule.step()
    return network


def course_teacher(real: bool) -> nn.Module | None:
    """The course's trained baseline; None where the images are not CIFAR-10 or its weights are not at hand."""
    try:
        if not real:
            raise FileNotFoundError("trained here, on procedural images")
        from pretrained import load_model

        return load_model("baseline").to(device)
    except (ImportError, FileNotFoundError) as reason:
        print(f"teacher: {reason}")
        return None


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
from baseline import BaselineNet
from mobilenet import MobileNet
from safetensors.torch import save_file

data_name, images, labels, test_images, test_labels = load_images()
epochs = 1 if FAST else 8
nobody = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10)).to(device)  # a teacher with weight 0
teacher = course_teacher(data_name == "CIFAR-10")
if teacher is None:
    teacher = fit(BaselineNet(), nobody, images, labels, epochs, alpha=0.0)
alone = fit(MobileNet(), nobody, images, labels, epochs, alpha=0.0)
distilled = fit(MobileNet(), teacher, images, labels, epochs, alpha=0.9)
teacher_test = predict(teacher, test_images)
results = {"data": data_name}
for title, network in [("teacher", teacher), ("student alone", alone), ("student distilled", distilled)]:
    results[title] = (predict(network, test_images).argmax(1) == test_labels).float().mean().item()
    print(f"{title:18} accuracy {results[title]:.3f} ({data_name})")
half = {
    name: tensor.cpu().half() if tensor.is_floating_point() else tensor.cpu()
    for name, tensor in distilled.state_dict().items()
}
save_file(half, "distilled_student.safetensors")

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_softened", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

if "results" not in globals():
    raise NotImplementedError("this figure shows what the training cell above found: it has to run to its end first")
entropy = -(soften(teacher_test, 4.0) * soften(teacher_test, 4.0).log()).sum(dim=1)
chosen = int(entropy.argmax())  # the image about which the teacher has most to say
figure, axes = plt.subplots(1, 4, figsize=(8, 1.9), layout="constrained")
axes[0].imshow(test_images[chosen].permute(1, 2, 0))
axes[0].set(title=f"label {int(test_labels[chosen])}", xticks=[], yticks=[])
for axis, T in zip(axes[1:], (1.0, 2.0, 5.0), strict=True):
    axis.bar(range(10), soften(teacher_test[chosen : chosen + 1], T)[0])
    axis.set(title=f"T = {T:.0f}", ylim=(0, 1), xticks=range(10))
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "noise_text", "locked": true, "schema_version": 3, "solution": false}
# ### Accuracy against label noise, over three seeds
# *Ten to fifteen minutes on a processor*
#
# A small student that can learn 4,000 labels by heart, wrong ones too. Four ways to train it, each for 20 epochs at every share of wrong labels:
#
# * **labels alone**;
# * **labels alone, crops and mirror images**: the control. Whoever sees an image in many forms finds it harder to learn its wrong label by heart;
# * **teacher of clean labels**: the course's baseline, which never saw a wrong label;
# * **teacher of the same noisy labels**: the control of the same seed is the teacher. Nothing comes in that the control did not have.
#
# Bands show the least and the largest of the seeds. *Before you run:* which of the four will fall, and which two will be alike? Note it for part 10.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_noise", "locked": true, "schema_version": 3, "solution": false}
class Remembered(nn.Module):
    """A teacher whose logits of the training images were computed once. The loader says which images it shows."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits, self.shown = logits, torch.arange(0)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits[self.shown].to(images.device)


def shuffled(images: torch.Tensor, labels: torch.Tensor, teacher: nn.Module, augment: bool, size: int = 128):
    """A loader: one pass in a new order; with `augment`, every batch is cropped at a place of its own and half of it mirrored."""
    side = images.shape[-1]
    for chosen in torch.randperm(len(images)).split(size):
        x = images[chosen].to(device)
        if augment:
            top, left = torch.randint(9, (2,)).tolist()
            x = F.pad(x, (4, 4, 4, 4))[:, :, top : top + side, left : left + side]
            x = torch.where(torch.rand(len(x), 1, 1, 1, device=device) < 0.5, x.flip(-1), x)
        if isinstance(teacher, Remembered):
            teacher.shown = chosen
        yield x, labels[chosen].to(device)


def fit_small(teacher: nn.Module, images: torch.Tensor, labels: torch.Tensor, alpha: float, augment: bool) -> nn.Module:
    """Train a small student at T = 4; alpha 0 is training on labels alone."""
    network, epochs = small_student().to(device), 1 if FAST else 20
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        distill_epoch(network, teacher, shuffled(images, labels, teacher, augment), optimizer, 4.0, alpha)
        schedule.step()
    return network


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_noise", "locked": true, "schema_version": 3, "solution": false}
if globals().get("teacher") is None:
    raise NotImplementedError("no teacher yet: fill the blanks that its training needs, then run the cell above again")
rates, seeds = ((0.0, own.rate), (0, 1)) if FAST else ((0.0, own.rate, 0.8), range(own.seed, own.seed + 3))
subset = slice(0, 4000)
clean_teacher = Remembered(predict(teacher, images[subset]))
noise_curves = {
    title: []
    for title in ("labels alone", "alone, augmented", "teacher of clean labels", "teacher of the same noisy labels")
}
by_heart = []  # at each rate: the share of the (wrong) labels that the student alone fits
for rate in rates:
    rows = {title: [] for title in noise_curves}
    for seed in with_bar(seeds, f"{rate:.0%} wrong labels, seeds"):
        noisy = add_label_noise(labels[subset], rate, 10, torch.Generator().manual_seed(seed))

        def train(teacher: nn.Module, alpha: float, augment: bool, seed=seed, noisy=noisy) -> nn.Module:
            torch.manual_seed(seed)
            return fit_small(teacher, images[subset], noisy, alpha, augment)

        alone_small, augmented = train(nobody, 0.0, False), train(nobody, 0.0, True)
        noisy_teacher = Remembered(predict(augmented, images[subset]))
        taught = [train(clean_teacher, 0.7, False), train(noisy_teacher, 0.7, False)]
        for title, network in zip(noise_curves, (alone_small, augmented, *taught), strict=True):
            rows[title].append((predict(network, test_images).argmax(1) == test_labels).float().mean().item())
    by_heart.append((predict(alone_small, images[subset]).argmax(1) == noisy).float().mean().item())
    for title, row in rows.items():
        noise_curves[title].append(row)
        print(f"{rate:4.0%} wrong labels, {title:32}: accuracy {sum(row) / len(row):.3f}")
    print(f"{rate:4.0%} wrong labels: the student alone has learnt {by_heart[-1]:.0%} of them as they are")
results["noise"] = {"rates": rates, **noise_curves}
Path("distillation_results.json").write_text(json.dumps(results, indent=1))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_noise", "locked": true, "schema_version": 3, "solution": false}
if "results" not in globals() or "noise" not in results:
    raise NotImplementedError("this figure shows what the training cell above found: it has to run to its end first")
figure, axis = plt.subplots(figsize=(5.6, 3.4), layout="constrained")
for (title, rows), marker in zip(noise_curves.items(), "osD^", strict=True):
    values = 100 * torch.tensor(rows)
    axis.plot(rates, values.mean(dim=1), marker=marker, label=title)
    axis.fill_between(rates, values.amin(dim=1), values.amax(dim=1), alpha=0.25)
axis.axhline(10, color="grey", linestyle=":", linewidth=1)
axis.set(xlabel="share of wrong labels", ylabel="accuracy, %", ylim=(0, 75), xticks=rates)
axis.legend(fontsize=8, loc="lower left")
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "noise_and_teacher", "locked": false, "schema_version": 3, "solution": true}
# ## 10. Does the teacher help more as labels get noisier?
# *20 minutes · graded by a person*
#
# Answer from **your own** figure, with numbers. How large is the gain of the student under the clean teacher over labels alone, at each share of wrong labels, and is it larger than the spread over the
# seeds? What is left of it once the control has crops and mirror images? And the teacher of the same noisy labels: what does it pass on, and where does what the clean teacher adds come from?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - gain (1): reads the gain at two or more rates from the figure, says where it is largest, and compares it with the spread of the three seeds.
# - control (1): sets the clean teacher against the augmented control, not against labels alone only: a good part of the gain at 40 % is what augmentation gives without any teacher.
# - door (1): the noisy teacher's student comes out about where its teacher, the control, is: it passes on regularisation, no more. The clean teacher has seen clean labels, so the truth comes in by another door; a comparison without that remark is unfair.
#
# *Full marks, for example.* With labels alone my student has 51, 34 and 14 % at 0, 40 and 80 % wrong labels, under the clean teacher 56 % at all three: the gain is 5, 21 and 41 points, largest at 80 %, and the three
# seeds differ by one point at most. But labels alone are a weak control: the student has learnt 84 % of the labels by heart at 40 %. With crops and mirror images, and no teacher, it has 44 and 23 %, so ten of the 21 points, and nine of
# the 41, are what augmentation gives. What is left is 12 and 33 points. The teacher of the same noisy labels brings its student to 46 and 20 %, where that teacher is itself (44 and 23 %): it passes on that it could not learn
# wrong labels by heart, no more. So what the clean teacher adds beyond is no virtue of teaching: it has seen clean labels, and the truth comes in by that door, at α = 0.7 through more than two thirds of the loss.
#
# *Half marks, for example.* The teacher helps more when labels are noisy: the gap to labels alone is largest at 80 %. All three seeds show it. The teacher was trained on clean labels, so
# this is not quite fair. (*gain half: one rate, no numbers; control 0: not looked at; door half: nothing of the noisy teacher. One of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "methods_text", "locked": true, "schema_version": 3, "solution": false}
# ## 11. Nine methods side by side
# *30 minutes, about ten of them waiting for a processor*
#
# The paper [*Knowledge Distillation Beyond Model Compression*](https://arxiv.org/abs/2007.01922) (2020) compares nine ways to teach a student. Its abstract names the families; **which nine stand for them
# here is the course's own choice**, each after the paper that it comes from, and cut to what a laptop trains in half a minute:
#
# | family | method | added to the cross-entropy with the labels | simpler than its paper |
# |---|---|---|---|
# | responses | soft targets | `kl_distillation` at T = 4 | |
# | decision boundary | boundary samples | the same, on images moved to where the teacher hesitates between two classes | towards the second class only, in three straight steps, once before the training |
# | representation | hint | `hint_loss` on the last maps, through a 1×1 convolution | one stage instead of two |
# | representation | flow | `flow_loss` from the middle to the last maps | one stage; the teacher's most varied channels |
# | representation | attention | `attention_transfer_loss`, middle and last maps | |
# | relations in the data | similarity | `similarity_preserving_loss` on the last maps | |
# | relations in the data | relations | `relational_distance_loss` on the averaged last maps | distances without angles |
# | cohort | mutual learning | `mutual_learning_losses` with a second student | |
# | cohort | on the fly | `ensemble_losses`: three ends on one trunk teach each other through a gate | three small ends |
#
# The last two have no teacher. The student has 24 thousand parameters and sees 4,000 images, eight times. What the teacher says of them is computed once.
#
# **A comparison that is fair** gives every method the same chance: one seed means the same first weights, the same order of images and the same wrong labels for all; and each method's weight is
# the best of three on 5,000 *held-out* training images, before it meets the test images.
#
# You are dealt **two methods and one condition** (`own.methods`, `own.condition`), beside soft targets and labels alone. Under *smaller student* its widths are halved, under *rare classes* each class has fewer images than the one before, down to
# a fifth, under *wrong labels* 40 % of them are wrong. *Before you run:* which of your two will help on plain data, and which under your condition? Note it for part 12.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_methods", "locked": true, "schema_version": 3, "solution": false}
from collections.abc import Callable
from typing import NamedTuple

from small_students import Branches, Lesson, accuracy_by_class, fit_student, knowledge_of, teacher_knowledge


class Method(NamedTuple):
    """What a student is trained by: a loss of a lesson and a weight, the weights to try, what is trained along."""

    loss: Callable[[Lesson, float], torch.Tensor]
    weights: tuple[float, ...]
    partner: Callable[[tuple[int, int, int]], nn.Module] | None = None


def with_labels(term: Callable[[Lesson], torch.Tensor]) -> Callable[[Lesson, float], torch.Tensor]:
    """The student's own cross-entropy with the labels, plus weight × term."""
    return lambda lesson, weight: F.cross_entropy(lesson.student.logits, lesson.labels) + weight * term(lesson)


def soft_term(lesson: Lesson) -> torch.Tensor:
    return kl_distillation(lesson.student.logits, lesson.teacher("logits"), 4.0)


def boundary_term(lesson: Lesson) -> torch.Tensor:
    return kl_distillation(lesson.network(lesson.teacher("boundary")), lesson.teacher("boundary_logits"), 4.0)


def hint_term(lesson: Lesson) -> torch.Tensor:
    return hint_loss(lesson.student.last, lesson.teacher("last"), lesson.partner)


def flow_term(lesson: Lesson) -> torch.Tensor:
    return flow_loss(lesson.student.middle, lesson.student.last, lesson.teacher("middle"), lesson.teacher("last"))


def attention_term(lesson: Lesson) -> torch.Tensor:
    middle = attention_transfer_loss(lesson.student.middle, lesson.teacher("energy"))
    return middle + attention_transfer_loss(lesson.student.last, lesson.teacher("last"))


def similarity_term(lesson: Lesson) -> torch.Tensor:
    return similarity_preserving_loss(lesson.student.last, lesson.teacher("last"))


def relations_term(lesson: Lesson) -> torch.Tensor:
    return relational_distance_loss(lesson.student.last.mean(dim=(2, 3)), lesson.teacher("last").mean(dim=(2, 3)))


def mutual_learning(lesson: Lesson, weight: float) -> torch.Tensor:
    return sum(mutual_learning_losses(lesson.student.logits, lesson.partner(lesson.images), lesson.labels, weight))


def on_the_fly(lesson: Lesson, weight: float) -> torch.Tensor:
    branches, ensemble = lesson.partner(lesson.student.middle, lesson.student.logits)
    return sum(ensemble_losses(branches, ensemble, lesson.labels, weight))


METHODS = {
    "labels alone": Method(lambda lesson, weight: F.cross_entropy(lesson.student.logits, lesson.labels), (0,)),
    "soft targets": Method(with_labels(soft_term), (0.2, 1, 5)),
    "boundary samples": Method(with_labels(boundary_term), (0.05, 0.2, 1)),
    "hint": Method(with_labels(hint_term), (0.05, 0.2, 1), lambda widths: nn.Conv2d(widths[2], 512, 1)),
    "flow": Method(with_labels(flow_term), (0.05, 0.2, 1)),
    "attention": Method(with_labels(attention_term), (4, 20, 100)),
    "similarity": Method(with_labels(similarity_term), (8, 40, 200)),
    "relations": Method(with_labels(relations_term), (0.2, 1, 5)),
    "mutual learning": Method(mutual_learning, (0.2, 1, 5), small_student),
    "on the fly": Method(on_the_fly, (0.2, 1, 5), Branches),
}
CONDITIONS = ("plain", "smaller student", "rare classes", "wrong labels")


def made_hard(
    condition: str, labels: torch.Tensor, seed: int
) -> tuple[torch.Tensor, torch.Tensor, tuple[int, int, int]]:
    """Which images to train on, their labels, and the student's widths."""
    rows, widths = torch.arange(len(labels)), (16, 32, 64)
    if condition == "smaller student":
        widths = (8, 16, 32)
    elif condition == "rare classes":
        rows = imbalanced_indices(labels, 0.2)
    elif condition == "wrong labels":
        labels = add_label_noise(labels, 0.4, 10, torch.Generator().manual_seed(seed))
    return rows, labels[rows], widths


def trained_by(
    method: str,
    weight: float,
    condition: str,
    seed: int,
    images: torch.Tensor,
    labels: torch.Tensor,
    knowledge: dict[str, torch.Tensor],
    epochs: int = 8,
    size: int = 64,
) -> nn.Module:
    """A small student that one method has trained under one condition; `knowledge` is the teacher's, of these images."""
    rows, shown_labels, widths = made_hard(condition, labels.cpu(), seed)
    loss, _, partner = METHODS[method]
    return fit_student(
        loss,
        weight,
        seed,
        images[rows],
        shown_labels.to(images.device),
        knowledge_of(rows, knowledge),
        widths=widths,
        partner=partner,
        epochs=epochs,
        size=size,
    )


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_methods", "locked": true, "schema_version": 3, "solution": false}
if globals().get("teacher") is None:
    raise NotImplementedError("no teacher yet: fill the blanks that its training needs, then run part 9 again")
shown, held_out = (slice(0, 96), slice(96, 128)) if FAST else (slice(0, 4000), slice(4000, 9000))
length, method_seeds = ((1, 16), (own.seed, own.seed + 1)) if FAST else ((8, 64), range(own.seed, own.seed + 3))
x, y = images[shown].to(device), labels[shown].to(device)
dealt = ("labels alone", "soft targets", *own.methods)
knowledge = teacher_knowledge(teacher, x, (32 if FAST else 1000) if "boundary samples" in dealt else 0)


def by_class(method: str, weight: float, condition: str, seed: int, images: torch.Tensor, labels: torch.Tensor) -> list:
    """The accuracy in each class of these images of a student that is trained for it."""
    student = trained_by(method, weight, condition, seed, x, y, knowledge, *length)
    return accuracy_by_class(student, images.to(device), labels.to(device)).tolist()


method_weights = {"labels alone": 0.0}
for method in dealt[1:]:
    tried = {}
    for weight in with_bar(METHODS[method].weights, f"{method}, weights"):
        found = by_class(method, weight, "plain", own.seed + 3, images[held_out], labels[held_out])
        tried[weight] = sum(found) / 10
    method_weights[method] = max(tried, key=tried.get)
    print(
        f"{method:18} held out:",
        ", ".join(f"{accuracy:.3f} with weight {weight:g}" for weight, accuracy in tried.items()),
    )
method_runs = {}  # condition -> method -> seed -> accuracy of each class
for condition in ("plain", own.condition):
    of_method = method_runs[condition] = {method: [] for method in dealt}
    jobs = [(seed, method) for seed in method_seeds for method in dealt]
    for seed, method in with_bar(jobs, f"{condition}, students"):
        of_method[method].append(by_class(method, method_weights[method], condition, seed, test_images, test_labels))
    alone_mean = torch.tensor(method_runs[condition]["labels alone"]).mean(dim=1)
    for method, runs in of_method.items():
        values = torch.tensor(runs)
        gain, rare = 100 * (values.mean(dim=1) - alone_mean), values[:, 7:].mean()
        print(
            f"{condition:16} {method:18} {values.mean():.1%} right, gain over labels alone {gain.mean():+5.1f} points "
            f"(seeds {', '.join(f'{g:+.1f}' for g in gain.tolist())})"
            + (f", classes 7 to 9 {rare:.1%}" if condition == "rare classes" else "")
        )
results["methods"] = {"weights": method_weights, **method_runs}
Path("distillation_results.json").write_text(json.dumps(results, indent=1))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_methods", "locked": true, "schema_version": 3, "solution": false}
if "results" not in globals() or "methods" not in results:
    raise NotImplementedError("this figure shows what the training cell above found: it has to run to its end first")
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True, layout="constrained")
for axis, (condition, of_method) in zip(axes, method_runs.items(), strict=True):
    for place, (method, runs) in enumerate(of_method.items()):
        values = 100 * torch.tensor(runs).mean(dim=1)
        axis.plot(values, [place] * len(values), "o", alpha=0.6)
        axis.plot([values.mean()] * 2, [place - 0.3, place + 0.3], color="black", linewidth=2)
        if method == "labels alone":
            axis.axvspan(values.min(), values.max(), color="grey", alpha=0.25)
    axis.set(title=condition, xlabel="accuracy, %", yticks=range(len(of_method)), yticklabels=list(of_method))
axes[0].invert_yaxis()
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "methods_compared", "locked": false, "schema_version": 3, "solution": true}
# ## 12. What did your two methods add?
# *20 minutes · graded by a person*
#
# Fill the table from **your own** figure and what is printed above it, then answer. Which gains lie outside of the spread of the seeds? For one method that helped and one that helped less (or harmed): why, from
# what it imitates and from your condition? And what in this comparison still favours one of the four?
#
# | method | its family | weight | gain, plain | gain, your condition | outside of the spread? |
# |---|---|---|---|---|---|
# | soft targets | | | | | |
# | | | | | | |
# | | | | | | |
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - table (1): the gains of all three methods under both conditions, read from the student's own run, each set against the spread of labels alone (the grey band), and not called a gain where it lies within.
# - reason (1): for one that helped and one that helped less, what the student gets from it that labels do not say, tied to the condition: under wrong labels and rare classes the teacher knows clean labels of 45,000 images.
# - fairness (1): something true that still favours one: the weight was chosen on plain data, with one seed, and labels alone has none to choose; two students or three ends cost more; the teacher saw clean labels; eight passes are short for a hint.
#
# What each of the nine came to, with the seeds 0 to 2, stands in `docs/reference-models.md`. Other seeds choose other weights: similarity gained half a point under wrong labels with the weight 40, and three with 200.
#
# *Full marks, for example.* Soft targets (responses, weight 5): +2.6 plain, +11.1 under wrong labels, both outside. Boundary samples (decision boundary, 0.2): +0.3 plain, within the band (48.6 to 50.5 %; seeds −0.4 to +0.8); +2.5 under
# wrong labels, outside. Similarity (relations, 200): +1.0 plain, its worst seed at 49.9 % is within the band; +3.1 under wrong labels, outside. Soft targets win where labels are wrong because the term says of *every* image
# what the teacher, who saw clean labels, thinks: it contradicts the wrong label. Boundary samples say so too, but of the first 1,000 images only, and where the teacher hesitates. Not fair: the weights were chosen on plain data, so a method that
# deserves more weight under noise does not get it, and labels alone had nothing to choose; and the teacher's clean labels come in by a door that labels alone does not have, so the 11 points say more about it than about distilling.
#
# *Half marks, for example.* Soft targets +2.6 and +11.1, boundary samples +0.3 and +2.5, similarity +1.0 and +3.1: all three help. Soft targets are the best since they have most information. (*table half: gains right, the band not
# looked at, so +0.3 is called a help; reason half: not tied to the condition; fairness half: "the seeds are the same" is what makes it fair, asked was what does not. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "what_teacher_knows", "locked": false, "schema_version": 3, "solution": true}
# ## 13. What does the teacher know that the label does not say?
# *15 minutes · graded by a person*
#
# Look at the softened bars of **your own** figure. Which classes does the teacher give the rest of its probability to, and can you see why in the image? Why
# are they hard to see at T = 1, and what would the student learn at T = 100?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - classes (1): names the second and third class in the figure and connects them with what is seen in the image.
# - temperature (1): at T = 1 these probabilities are near zero and hardly move the loss; T raises them.
# - limit (1): at T = 100 the target is nearly uniform; with T² the loss tends to matching the logits themselves (mean squared error of centred logits, divided by 2·classes).
#
# *Full marks, for example.* My image is a deer; the teacher gives 31 % to deer, 27 % to horse and 22 % to bird at T = 5. A horse has the same legs and colour, and the
# branch in front of it looks like a bird on a twig. At T = 1 these are 0.58, 0.33 and 0.06: next to the label's share they hardly move the loss, and the small ones (0.002
# for truck) not at all; T = 5 raises them. At T = 100 all are 10 % up to a percent: the target is nearly uniform, and with the factor T² what is left is that the student
# matches the teacher's logits themselves, up to a constant (half the mean squared error).
#
# *Half marks, for example.* The teacher gives the rest to similar animals. At T = 1 the bars are too small to see. At T = 100 everything is the same, so the student learns
# nothing. (*classes half: none named; temperature half: loss not mentioned; limit half: uniform, but T² forgotten. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 14. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** Why is the distillation term multiplied by T²?
#
# - **a** so that the softened probabilities sum to one again
# - **b** because the divergence is not symmetric
# - **c** so that the student becomes more certain than the teacher, which it otherwise could not, since it never sees labels
# - **d** because its gradient would otherwise fall with 1/T², and α would mean something else at each T

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** A teacher forgotten in train mode, under `torch.no_grad()`. What happens?
#
# - **a** nothing: without gradients neither its weights nor anything else of it can change while it teaches
# - **b** its weights are trained along
# - **c** an error, since batch norm needs gradients
# - **d** its batch-norm statistics move and its answers depend on the rest of the batch

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** α = 1. Which labels does the student need?
#
# - **a** none: images without labels will do
# - **b** all of them, at temperature T
# - **c** only those that the teacher gets right
# - **d** those of the test set

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** Which loss needs an adapter layer when student and teacher differ in width?
#
# - **a** attention transfer
# - **b** similarity preserving
# - **c** hint (FitNets)
# - **d** relational distance

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "c"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5, with your own numbers.** There are `own.classes` classes, and `own.percent` % of the labels are replaced by a class drawn from *all of them*. Which percentage of the labels ends up wrong? A number, to within 0.01.

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # a number
### BEGIN SOLUTION
quiz_5 = own.percent * (1 - 1 / own.classes)  # one draw in as many as there are classes gives the old label again
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_quiz", "locked": true, "schema_version": 3, "solution": false}
def check_quiz() -> None:
    for number, answer in enumerate([quiz_1, quiz_2, quiz_3, quiz_4, quiz_5], start=1):
        if answer is None:
            raise NotImplementedError(f"quiz_{number} is still to be answered")
        if number == 5:
            assert isinstance(answer, (int, float)), f"quiz_{number} is {answer!r}: it is a number of your own"
        else:
            assert answer in ("a", "b", "c", "d"), f'quiz_{number} is {answer!r}: choose one of "a", "b", "c", "d"'
    print("Five answers given.")


check_quiz()

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false}
# ## For the curious (no points)
#
# * Let two MobileNets teach each other (`mutual_learning_losses`). Do both end above a MobileNet alone?
# * Choose your two methods' weights anew under your condition (`method_weights` was chosen on plain data). How much of what they lost there was the weight's doing?
# * Replace the teacher's logits by label smoothing. How much of the gain is left?
