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
# # 01 · The baseline: a convolutional network, from its loss to its errors
#
# *About five hours, part of the last one waiting for training. A laptop is enough; a GPU makes the training cell quick.*
#
# Everything in this course is measured against one plain network: eleven 3×3 convolutions, 7,793,610 parameters,
# 322,638,848 multiply-accumulates for one 32×32 image. You write all of it here: what happens to the images before, the network, the loss
# after it, and the loop around it. Then you do what experienced people do **before** they train for an hour: check that the first
# loss is what chance gives, and that the network can learn sixteen images by heart.
#
# You will learn
#
# 1. to shift and mirror images at random, each on its own, and so that a run can be repeated;
# 2. what cross-entropy measures, and to compute it without overflow;
# 3. to write a network that takes images of any size, and to know its parameters before you count them;
# 4. to train and to evaluate: which mode, which gradients, which average;
# 5. to read learning curves, to choose an epoch, and to look at the worst errors instead of at one number.
#
# ### The idea in one picture
#
# ![The network: an image, shifted and mirrored, passes eleven 3×3 convolutions (2 of 64 channels on 32×32, 3 of 128 on 16×16, 3 of 256 on 8×8, 3 of 512 on 4×4), the mean over the map, 512 numbers, a linear layer to 10 logits and the cross-entropy with the label; gradients go back to the weights](idea.svg)
#
# The maps get smaller and more numerous: fewer places, more to say about each.
#
# Reading: Goodfellow, Bengio and Courville, [*Deep Learning*](https://www.deeplearningbook.org) (2016), sections 3.13, 6.2.2 and 9.1 to 9.3.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Conventions of the whole course: images are float32 `(N, 3, H, W)` in [0, 1], labels int64 `(N,)`, logits `(N, C)`.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import json
import math
import os
from pathlib import Path

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import CLASSES, small_images
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: tiny training, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** A network with ten classes comes fresh from its constructor. Its mean cross-entropy on a batch of images is about
#
# - **a** 0
# - **b** 1.0
# - **c** 2.3
# - **d** 10
#
# **Prediction 2.** Of the 7.8 million parameters of the network in the picture, the last three of its eleven convolutions hold about
#
# - **a** 95 %
# - **b** 76 %
# - **c** 50 %
# - **d** 27 %
#
# **Prediction 3.** You train on the *same sixteen images* until their loss is nearly 0. The accuracy on other images is then
#
# - **a** at or a little above chance
# - **b** about one half
# - **c** nearly 100 %
# - **d** 0 %: a network that fits perfectly must fail everywhere else
#
# <details><summary>Hint for 1</summary>A network that knows nothing gives every class about the same probability. Which one, and what is minus its logarithm?</details>
# <details><summary>Hint for 2</summary>A convolution has nine weights for every pair of an input and an output channel. Channels double three times.</details>

# %% nbgrader={"grade": false, "grade_id": "predict_training", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "c"  # −ln(1/10) = 2.303
predict_2 = "b"  # (1180160 + 2 · 2359808) / 7793610 = 0.757
predict_3 = "a"  # sixteen images are learnt by heart; that is a test of the code, not of the network
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. What shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_training_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "ten equal probabilities give minus ln 0.1"
reason_2 = "parameters go with the product of channels"
reason_3 = "sixteen images say nothing about others"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_training", "locked": true, "schema_version": 3, "solution": false}
def check_predict_training() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked. Parts 5 and 9 show the truth.")


check_predict_training()

# %% [markdown] nbgrader={"grade": false, "grade_id": "random_crop_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. Shift: a random crop
# *Difficulty ●●○○ · importance ●●○○ · 25 minutes*
#
# A frog shifted by three pixels is still a frog. Showing the network a different crop of each image at each epoch says so, and is worth several
# percent of accuracy. From an image of $H \times W$, a crop of $s \times s$ starts at row $r$ and column $c$:
#
# $$\text{crop}(i, j) = \text{image}(r + i,\; c + j), \qquad r \in \{0, …, H - s\},\quad c \in \{0, …, W - s\}$$
#
# * **each image** of the batch draws its own $r$ and its own $c$, independently;
# * every one of the $(H - s + 1)(W - s + 1)$ places is equally likely, **the last row and column included**;
# * images need not be square;
# * all chance comes from `generator`: two calls with equal generators give equal crops.
#
# *Worked numbers.* 5×6 images and $s = 4$: $r \in \{0, 1\}$, $c \in \{0, 1, 2\}$, six places. With $s = H = W$ the crop is the image.
#
# <details><summary>Hint 1</summary><code>torch.randint(high, (n,), generator=generator)</code> draws from 0 to <code>high − 1</code>: the end is not included.</details>
# <details><summary>Hint 2</summary>A loop over the images of the batch is fine: cut each with a slice, then <code>torch.stack</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "random_crop", "locked": false, "schema_version": 3, "solution": true}
def random_crop(images: torch.Tensor, size: int, generator: torch.Generator) -> torch.Tensor:
    """One random square crop of each image.

    Args:
        images: float `(N, 3, H, W)`, N at least 1; left unchanged.
        size: height and width of the crops, at least 1 and at most min(H, W).
        generator: the only source of chance.

    Returns:
        Crops `(N, 3, size, size)`, in the order of the images. Every place in every image is equally likely.
    """
    ### BEGIN SOLUTION
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (n,), generator=generator).tolist()
    places = zip(images, tops, lefts, strict=True)
    return torch.stack([image[:, top : top + size, left : left + size] for image, top, left in places])
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_random_crop", "locked": true, "schema_version": 3, "solution": false}
def check_random_crop() -> None:
    rows, columns = torch.arange(5.0)[:, None], torch.arange(6.0)
    image = (10 * rows + columns).expand(300, 3, 5, 6)  # the pixel in row 3, column 4 has the value 34
    crops = random_crop(image, 4, torch.Generator().manual_seed(1))
    assert crops.shape == (300, 3, 4, 4), f"{tuple(crops.shape)}, expected (300, 3, 4, 4)"
    assert torch.equal(crops - crops[:, :, :1, :1], image[:, :, :4, :4]), "a crop is a connected piece of its image"
    corners = crops[:, 0, 0, 0].int().bincount(minlength=13)
    for place in (0, 1, 2, 10, 11, 12):
        assert corners[place] > 0, f"no crop out of 300 starts at row {place // 10}, column {place % 10}"
    assert torch.equal(crops, random_crop(image, 4, torch.Generator().manual_seed(1))), "use the generator only"
    print("crops that start at row 0:", corners[:3].tolist(), "  at row 1:", corners[10:].tolist())


check_random_crop()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_flip_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. Mirror: repair a random flip
# *Difficulty ●●○○ · importance ●●○○ · 25 minutes*
#
# Most things look as likely from the left as from the right. `random_flip` should mirror **each image with probability ½, left to right,
# independently of the others**, leave the caller's images alone, and take all chance from `generator`.
#
# Below is a version that somebody wrote in a hurry. It runs, a network trains with it, and it is wrong in **four** places. Run the
# symptoms, find the causes, write `random_flip`.
#
# *Worked numbers.* The 2×3 map $[[1, 2, 3], [4, 5, 6]]$ mirrored is $[[3, 2, 1], [6, 5, 4]]$.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_flip", "locked": true, "schema_version": 3, "solution": false}
def broken_random_flip(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Wrong on purpose, four times."""
    if torch.rand(()) < 0.5:
        images[:] = images.flip(2)
    return images


def show_symptoms() -> None:
    numbers = torch.arange(1.0, 7.0).reshape(1, 1, 2, 3)
    shares, maps = [], []
    for _ in range(20):
        batch = numbers.repeat(1000, 3, 1, 1)
        kept = batch.clone()
        flipped = broken_random_flip(batch, torch.Generator().manual_seed(7))
        shares.append((flipped != kept).flatten(1).any(dim=1).float().mean().item())
        maps.append(flipped[0, 0].tolist())
    print("share of flipped images in each of 20 batches (expected: about one half):", sorted(set(shares)))
    print("what a map becomes (expected: itself, or [[3, 2, 1], [6, 5, 4]]):", max(maps))
    print("20 equal generators (expected: one and the same result):", len({str(m) for m in maps}), "results")
    print("the caller's batch after the last call is the result itself:", torch.equal(batch, flipped))


show_symptoms()


# %% nbgrader={"grade": false, "grade_id": "repair_flip", "locked": false, "schema_version": 3, "solution": true}
def random_flip(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each image mirrored left to right with probability ½, independently.

    Args:
        images: float `(N, 3, H, W)`, N at least 1; left unchanged.
        generator: the only source of chance.

    Returns:
        `(N, 3, H, W)`, in the order of the images.
    """
    ### BEGIN SOLUTION
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, images.flip(-1), images)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_flip", "locked": true, "schema_version": 3, "solution": false}
def check_repair_flip() -> None:
    numbers = torch.arange(1.0, 7.0).reshape(1, 1, 2, 3).repeat(1000, 3, 1, 1)
    kept = numbers.clone()
    flipped = random_flip(numbers, torch.Generator().manual_seed(1))
    mirrored = (flipped[:, 0] == torch.tensor([[3.0, 2, 1], [6, 5, 4]])).flatten(1).all(dim=1)
    as_it_was = (flipped == kept).flatten(1).all(dim=1)
    assert bool((mirrored | as_it_was).all()), "each image comes back as it was, or mirrored left to right"
    assert 400 < int(mirrored.sum()) < 600, f"{int(mirrored.sum())} of 1000 images are mirrored, expected about 500"
    assert torch.equal(numbers, kept), "the caller's images were changed in place"
    assert torch.equal(flipped, random_flip(numbers, torch.Generator().manual_seed(1))), "use the generator only"
    print(f"{int(mirrored.sum())} of 1000 images are mirrored")


check_repair_flip()

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_augmentation", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

chance = torch.Generator().manual_seed(3)
picture = small_images(8, seed=5)[0][3:4]
padded = F.pad(picture, (4, 4, 4, 4), mode="reflect").repeat(9, 1, 1, 1)
figure, axes = plt.subplots(1, 10, figsize=(8, 1.1), layout="constrained")
versions = [picture[0], *random_flip(random_crop(padded, 32, chance), chance)]
for axis, image in zip(axes, versions, strict=True):
    axis.imshow(image.permute(1, 2, 0))
    axis.set(xticks=[], yticks=[])
axes[0].set_title("image", fontsize=8)
axes[5].set_title("nine ways to see it", fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "cross_entropy_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. The loss: cross-entropy
# *Difficulty ●●●○ · importance ●●●● · 40 minutes*
#
# Logits $z$ become probabilities by a softmax; the loss of an image is minus the logarithm of the probability of its label $y$:
#
# $$p_{nc} = \frac{e^{z_{nc}}}{\sum_{c'} e^{z_{nc'}}}, \qquad L = -\frac{1}{N} \sum_{n=1}^{N} \log p_{n y_n} = \frac{1}{N} \sum_{n=1}^{N} \Big( \log \sum_{c} e^{z_{nc}} - z_{n y_n} \Big)$$
#
# It is 0 for a network that is sure and right, $\ln C$ for one that finds all $C$ classes alike, and without bound for one that is sure and wrong.
#
# **Write it from `exp`, `log`, `sum` and `max`.** Not allowed inside are torch's `cross_entropy`, `nll_loss`, `log_softmax` and `logsumexp` (as functions,
# methods or modules): they are what you are writing. Logits may be as large as ±1000, where $e^z$ is infinite in float32. The way out: adding a
# constant to all logits of one image changes no probability, so choose the constant well, **for each image**.
#
# *Worked numbers.* Logits $[[2, 0, 0], [0, 0, 1]]$, labels $[0, 1]$: the images have 0.2395 and 1.5514, the loss is 0.8955. Logits $[[1000, 0]]$
# with label 0 have 0, with label 1 they have 1000.
#
# <details><summary>Hint 1</summary>Subtract each row's largest logit first. The largest term of the sum is then e⁰ = 1: no overflow, and no logarithm of zero.</details>
# <details><summary>Hint 2</summary>To pick one number of each row: <code>z[torch.arange(n), labels]</code>, or <code>gather</code>. Mind the shapes:
# <code>z[:, labels]</code> is an N × N table, and its mean looks like a loss.</details>


# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true}
def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the batch of −log softmax(logits)[label].

    Args:
        logits: float `(N, C)`, of any size up to ±1000.
        labels: int64 `(N,)` in 0..C−1.

    Returns:
        A scalar tensor `()` of the logits' dtype, at least 0, differentiable with respect to the logits.
        Example: [[2, 0, 0], [0, 0, 1]] with labels [0, 1] gives 0.8955.
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.amax(dim=1, keepdim=True)
    log_sums = shifted.exp().sum(dim=1).log()
    of_labels = shifted.gather(1, labels[:, None]).squeeze(1)
    return (log_sums - of_labels).mean()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_cross_entropy", "locked": true, "schema_version": 3, "solution": false}
def check_cross_entropy() -> None:
    z, labels = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]], requires_grad=True), torch.tensor([0, 1])
    loss = cross_entropy(z, labels)
    assert loss.shape == (), "one number for the whole batch"
    assert abs(loss.item() - 0.8955) < 1e-3, (
        f"{loss.item():.4f}, expected 0.8955 (1.7909: summed over the batch; 0.2985: mean over classes too; 1.3955: all labels for every row)"
    )
    for label, expected in ((0, 0.0), (1, 1000.0)):
        value = cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([label])).item()
        assert abs(value - expected) < 1e-3, f"logits [1000, 0], label {label}: {value}, expected {expected}"
    (gradient,) = torch.autograd.grad(loss, z)
    print("gradient, (probabilities − one-hot label) / N:", [[round(g, 3) for g in row] for row in gradient.tolist()])
    print(f"ten equal logits: {cross_entropy(torch.zeros(4, 10), torch.arange(4)):.4f}, and ln 10 = {math.log(10):.4f}")


check_cross_entropy()

# %% [markdown] nbgrader={"grade": false, "grade_id": "baseline_net_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. The network
# *Difficulty ●●○○ · importance ●●●● · 35 minutes*
#
# Eleven times: a **3×3 convolution with bias**, padded by 1, then **batch norm**, then **ReLU**. Convolution $j$ takes the channels of the one before (3 for the first)
# to `widths[j]` channels, with stride `STRIDES[j]`. Then the mean over height and width (global average pooling) and one linear layer to the logits.
#
# | $j$ | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
# |---|---|---|---|---|---|---|---|---|---|---|---|
# | channels | 64 | 64 | 128 | 128 | 128 | 256 | 256 | 256 | 512 | 512 | 512 |
# | stride | 1 | 1 | 2 | 1 | 1 | 2 | 1 | 1 | 2 | 1 | 1 |
# | map of a 32×32 image | 32 | 32 | 16 | 16 | 16 | 8 | 8 | 8 | 4 | 4 | 4 |
#
# Because of the mean it takes images of **any** size. `widths` makes a narrow version for quick trials; the strides stay.
#
# *Worked numbers.* A convolution from $c_{in}$ to $c_{out}$ has $9\, c_{in}\, c_{out} + c_{out}$ parameters, its batch norm $2\, c_{out}$. The first: $9 \cdot 3 \cdot 64 + 64 = 1792$. The
# linear layer has $512 \cdot 10 + 10 = 5130$. All together 7,793,610.
#
# <details><summary>Hint 1</summary>Keep a variable with the current number of channels; append to a list of layers in a loop over <code>zip(widths, STRIDES)</code>;
# finish with <code>nn.Sequential(*layers)</code>.</details>
# <details><summary>Hint 2</summary>A stride-2 convolution padded by 1 turns 9×12 maps into 5×6: halves are rounded up.</details>

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_widths", "locked": true, "schema_version": 3, "solution": false}
WIDTHS = (64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512)  # channels after each of the eleven convolutions
STRIDES = (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1)
NARROW = tuple(width // 8 for width in WIDTHS)  # 64 times fewer weights: for trials


def count_parameters(model: nn.Module) -> int:
    """Number of trainable parameters. Batch norm's running mean and variance are buffers: they are not trained."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


# %% nbgrader={"grade": false, "grade_id": "baseline_net", "locked": false, "schema_version": 3, "solution": true}
class BaselineNet(nn.Module):
    """The network of the table above: images `(N, 3, H, W)` in [0, 1] -> logits `(N, classes)`.

    Takes any height and width from 1 upwards. Names of submodules are yours to choose.

    Args:
        classes: number of logits.
        widths: channels after each of the eleven convolutions.
    """

    def __init__(self, classes: int = 10, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        ### BEGIN SOLUTION
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES, strict=True):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        maps = self.features(images)
        return self.classifier(maps.mean(dim=(2, 3)))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_baseline_net", "locked": true, "schema_version": 3, "solution": false}
def check_baseline_net() -> None:
    with torch.device("meta"):  # shapes without numbers: all 7.8 million parameters take no time and no memory
        full = BaselineNet()
    convolutions = [p for p in full.parameters() if p.ndim == 4]
    assert len(convolutions) == 11, f"{len(convolutions)} convolutions, expected 11"
    assert count_parameters(full) == 7_793_610, (
        f"{count_parameters(full):,} parameters, expected 7,793,610 (2,816 fewer: no biases in the convolutions; "
        "5,632 fewer: no batch norm)"
    )
    narrow = BaselineNet(classes=4, widths=NARROW)
    for height, width in ((32, 32), (9, 12), (1, 1)):
        shape = tuple(narrow.eval()(torch.rand(2, 3, height, width)).shape)
        assert shape == (2, 4), f"{height}×{width} images give logits {shape}, expected (2, 4)"
    share = sum(p.numel() for p in convolutions[-3:]) / count_parameters(full)
    print("7,793,610 parameters")
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print(f"prediction 2: the last three convolutions hold {share:.1%} of them")


check_baseline_net()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_epoch_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. Train for one epoch
# *Difficulty ●●○○ · importance ●●●● · 30 minutes*
#
# For each batch: logits, loss, gradients, one step of the optimizer.
#
# $$\theta \leftarrow \theta - \eta\, \nabla_\theta L(\text{batch})$$
#
# Three habits to form now:
#
# * **train mode**: batch norm normalises with the batch and learns its running statistics. The model may come to you in eval mode;
# * **clear the gradients** for each batch: `backward()` *adds* to what is there;
# * **plain numbers** for the statistics (`loss.item()`): a sum of loss tensors keeps every batch's graph in memory.
#
# Return the **mean loss over all images** of the epoch, each taken before its step. The last batch may be smaller, so weigh each batch by its size.
#
# *Worked numbers.* Batches of 64 and 16 images with losses 1.0 and 2.0: $(64 \cdot 1 + 16 \cdot 2) / 80 = 1.2$, not 1.5.
#
# <details><summary>Hint</summary>The order within a batch: model, <code>cross_entropy</code>, <code>zero_grad</code>, <code>backward</code>, <code>step</code>.
# Which of these may change places, and which may not?</details>


# %% nbgrader={"grade": false, "grade_id": "train_epoch", "locked": false, "schema_version": 3, "solution": true}
def train_epoch(model: nn.Module, loader, optimizer: torch.optim.Optimizer) -> float:
    """Train the model for one pass over the data.

    Args:
        model: images `(N, 3, H, W)` -> logits `(N, C)`; trained in place, in train mode.
        loader: yields `(images, labels)`, on the model's device; batches may differ in size.
        optimizer: over the model's parameters.

    Returns:
        Mean `cross_entropy` over all images, a float.
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.item() * len(labels), count + len(labels)
    return total / count
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_train_epoch", "locked": true, "schema_version": 3, "solution": false}
def check_train_epoch() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(12, 3)).eval()
    data = [(torch.rand(8, 3, 2, 2), torch.randint(3, (8,))), (torch.rand(3, 3, 2, 2), torch.randint(3, (3,)))]
    sgd = torch.optim.SGD(model.parameters(), lr=0.3)
    losses = [train_epoch(model, data, sgd) for _ in range(20)]
    assert isinstance(losses[0], float), f"return a float, not a {type(losses[0]).__name__}"
    assert model.training, "the model should train in train mode, even if it came in eval mode"
    assert losses[-1] < losses[0], "the mean loss should fall over twenty epochs on eleven images"
    frozen = torch.optim.SGD(model.parameters(), lr=0.0)
    parts = [train_epoch(model, [batch], frozen) for batch in data]
    expected = (8 * parts[0] + 3 * parts[1]) / 11
    assert abs(train_epoch(model, data, frozen) - expected) < 1e-4, "weigh each batch by its number of images"
    print(f"mean loss {losses[0]:.3f} -> {losses[-1]:.3f}")


check_train_epoch()

# %% [markdown] nbgrader={"grade": false, "grade_id": "evaluate_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. Evaluate
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# How good is the network on images that it was not trained on? Two numbers, both **means over images**, not over batches:
#
# $$\text{loss} = \frac{1}{N} \sum_n L_n, \qquad \text{accuracy} = \frac{1}{N} \sum_n \big[\, \arg\max_c z_{nc} = y_n \,\big] \in [0, 1]$$
#
# * **eval mode**: the answer for one image must not depend on which others stand beside it, and the running statistics must not move;
# * **no gradients recorded** (`torch.no_grad()`): half the time, and far less memory.
#
# You may leave the model in eval mode; `train_epoch` puts it back.
#
# *Worked numbers.* Batches of 3 and 1 images with 2 and 1 right answers: the accuracy is $3/4$, not $(2/3 + 1)/2 = 0.83$.
#
# <details><summary>Hint</summary><code>argmax</code> over which dimension? And look at the shapes of both sides of <code>==</code> before you sum.</details>


# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true}
def evaluate(model: nn.Module, loader) -> tuple[float, float]:
    """Mean loss and accuracy over all images.

    Args:
        model: images `(N, 3, H, W)` -> logits `(N, C)`; used in eval mode, its weights, buffers and gradients untouched.
        loader: yields `(images, labels)`, on the model's device; batches may differ in size.

    Returns:
        (mean `cross_entropy`, share of images whose largest logit is at their label), two floats.
    """
    ### BEGIN SOLUTION
    model.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images)
            loss += cross_entropy(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, hits / count
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_evaluate", "locked": true, "schema_version": 3, "solution": false}
def check_evaluate() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.Flatten(), nn.Linear(12, 2))
    nn.init.zeros_(model[2].weight)
    model[2].bias.data = torch.tensor([0.0, math.log(3)])  # probabilities 1/4 and 3/4, whatever the image
    images = torch.rand(4, 3, 2, 2)
    data = [(images[:3], torch.tensor([1, 1, 0])), (images[3:], torch.tensor([1]))]
    loss, accuracy = evaluate(model.train(), data)
    assert abs(accuracy - 0.75) < 1e-6, f"accuracy {accuracy:.4f}, expected 0.7500 (0.8333: a mean over batches)"
    assert abs(loss - 0.5623) < 1e-3, f"loss {loss:.4f}, expected 0.5623 (0.4707: a mean over batches)"
    assert all(p.grad is None for p in model.parameters()), "an evaluation leaves no gradients behind"
    print(f"loss {loss:.4f}, accuracy {accuracy:.2f}")


check_evaluate()

# %% [markdown] nbgrader={"grade": false, "grade_id": "best_epoch_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. Which epoch was best?
# *Difficulty ●○○○ · importance ●●●○ · 10 minutes*
#
# After each epoch you write down four numbers. The weights to keep are those of the epoch with the **least validation error**,
# that is 1 − `validation_accuracy`; of several such epochs **the first**. Not the last epoch, not the least *training* error (that one
# rewards learning by heart), and not always the least validation *loss* either.
#
# *Worked numbers.* Validation accuracies 0.50, 0.61, 0.66, 0.66, 0.64: epoch 2, counted from 0.
#
# <details><summary>Hint</summary><code>list.index</code> finds the first of equals.</details>


# %% nbgrader={"grade": false, "grade_id": "best_epoch", "locked": false, "schema_version": 3, "solution": true}
def best_epoch(history: list[dict[str, float]]) -> int:
    """The epoch with the least validation error; the first of them, if there are several.

    Args:
        history: one dict for each epoch, at least one, with the keys `train_loss`, `train_accuracy`,
            `validation_loss`, `validation_accuracy` (accuracies in [0, 1]); left unchanged.

    Returns:
        The index of the epoch, an int, counted from 0.
    """
    ### BEGIN SOLUTION
    errors = [1 - epoch["validation_accuracy"] for epoch in history]
    return errors.index(min(errors))
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_best_epoch", "locked": true, "schema_version": 3, "solution": false}
def check_best_epoch() -> None:
    rows = [
        (1.6, 0.42, 1.5, 0.50),
        (1.2, 0.57, 1.1, 0.61),
        (0.9, 0.70, 1.2, 0.66),
        (0.6, 0.81, 1.3, 0.66),
        (0.4, 0.9, 1.5, 0.64),
    ]
    keys = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    found = best_epoch([dict(zip(keys, row, strict=True)) for row in rows])
    assert found == 2, (
        f"epoch {found}, expected 2 (1: by loss; 3: the last of equals, or counted from 1; 4: by training; 0: the worst)"
    )
    print("epoch", found)


check_best_epoch()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_text", "locked": true, "schema_version": 3, "solution": false}
# ## 9. Two tests before you train
# *10 minutes*
#
# Training for an hour with a bug costs an hour. Two tests of a minute find most bugs:
#
# 1. **The first loss.** A new network should find all classes alike: $\ln 10 \approx 2.303$. Much more means that its logits are far too large.
# 2. **Sixteen images by heart.** Train on one batch again and again. If the loss does not go to zero, something between loss and weights is broken,
#    and no amount of data will mend it.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_training", "locked": true, "schema_version": 3, "solution": false}
CIFAR10_CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
Images = tuple[torch.Tensor, torch.Tensor]  # images (N, 3, H, W) in [0, 1] and labels (N,)


def load_images() -> tuple[str, tuple[str, ...], Images, Images, Images]:
    """Name of the data, names of the classes; images and labels for training, validation and test."""
    if not FAST:
        from cifar10_images import announce_stand_in, load_cifar10

        try:
            (x, y), test = [(x.permute(0, 3, 1, 2) / 255, y) for x, y in map(load_cifar10, (True, False))]
            count = 45_000 if device.type == "cuda" else 10_000  # on a laptop: enough to learn from, and soon done
            return "CIFAR-10", CIFAR10_CLASSES, (x[:count], y[:count]), (x[45_000:], y[45_000:]), test
        except OSError as problem:
            announce_stand_in("CIFAR-10", problem)
    sizes = (1600, 300, 300) if FAST else (4000, 1000, 1000)
    return "small images", CLASSES, *(small_images(size, seed) for seed, size in enumerate(sizes))


def shuffled(data: Images, generator: torch.Generator, size: int = 64):
    """A loader for training: new order, shifted by up to four pixels, half of the images mirrored."""
    images, labels = data
    for chosen in torch.randperm(len(images), generator=generator).split(size):
        x = F.pad(images[chosen], (4, 4, 4, 4), mode="reflect")
        x = random_flip(random_crop(x, images.shape[-1], generator), generator)
        yield x.to(device), labels[chosen].to(device)


def in_order(data: Images, size: int = 200):
    """A loader for evaluation: the images as they are."""
    for x, y in zip(data[0].split(size), data[1].split(size), strict=True):
        yield x.to(device), y.to(device)


network, history = None, []  # what training will give; the figures below say so while there is nothing to show

# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_first_tests", "locked": true, "schema_version": 3, "solution": false}
data_name, class_names, training, validation, test = load_images()
first_loss, first_accuracy = evaluate(BaselineNet().to(device), in_order([part[:64] for part in training]))
if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
    print(
        f"prediction 1: the first loss is {first_loss:.3f}, ln 10 = {math.log(10):.3f}; accuracy {first_accuracy:.2f} ({data_name})"
    )

torch.manual_seed(0)
sixteen = [(training[0][:16].to(device), training[1][:16].to(device))]
small = BaselineNet(widths=NARROW).to(device)
optimizer = torch.optim.SGD(small.parameters(), lr=0.05, momentum=0.9)
by_heart = [train_epoch(small, sixteen, optimizer) for _ in range(80)]
_, elsewhere = evaluate(small, in_order(validation))
print(f"sixteen images by heart: loss {by_heart[0]:.2f} -> {by_heart[-1]:.4f}")
if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
    print(f"prediction 3: accuracy on other images {elsewhere:.2f}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_baseline_text", "locked": true, "schema_version": 3, "solution": false}
# ## 10. Train
# *A minute on a GPU, ten to twenty on a laptop (with fewer images)*
#
# SGD with momentum, a learning rate that falls along a cosine, and after each epoch a look at images that the network was not trained on. Saved:
#
# * `baseline_weights.safetensors`: the weights of the best epoch at half precision. **Hand this file in beside the notebook**: on CIFAR-10 test
#   images, a little shifted and dimmed, 40 % right earn half of its points and 60 % all. (A trial run is too narrow for that.)
# * `baseline_history.json`: what the curves show.
#
# The test images are used **once**, after the epoch has been chosen: a number that you have chosen by is no longer a measurement.


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
from safetensors.torch import save_file

epochs = 12 if FAST else 20
torch.manual_seed(0)
generator = torch.Generator().manual_seed(0)
model = BaselineNet(widths=NARROW if FAST else WIDTHS).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1 if FAST else 0.05, momentum=0.9, weight_decay=5e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
seen, rows = [part[:1000] for part in training], []
for epoch in with_bar(range(epochs), "baseline, epochs"):
    train_epoch(model, shuffled(training, generator, size=32 if FAST else 64), optimizer)
    schedule.step()
    row = [*evaluate(model, in_order(seen)), *evaluate(model, in_order(validation))]
    rows.append(dict(zip(("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"), row, strict=True)))
    print(f"epoch {epoch:2}  train: loss {row[0]:.3f} accuracy {row[1]:.3f}   validation: {row[2]:.3f} {row[3]:.3f}")
    if best_epoch(rows) == epoch:
        best = {name: tensor.cpu().clone() for name, tensor in model.state_dict().items()}
model.load_state_dict(best)
network, history = model, rows
test_loss, test_accuracy = evaluate(network, in_order(test))
print(f"best epoch {best_epoch(history)}: test loss {test_loss:.3f}, accuracy {test_accuracy:.3f} ({data_name})")
half = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in best.items()}
save_file(half, "baseline_weights.safetensors")
Path("baseline_history.json").write_text(json.dumps({"data": data_name, "epochs": history}, indent=1))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_curves", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

if not history:
    print("No curves yet: the cell above has not trained.")
else:
    figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
    for axis, quantity in zip(axes, ("loss", "accuracy"), strict=True):
        for part, marker in (("train", "o"), ("validation", "s")):
            axis.plot([row[f"{part}_{quantity}"] for row in history], marker=marker, markersize=3, label=part)
        axis.axvline(best_epoch(history), color="0.7", linestyle="--", label="best epoch")
        axis.set(xlabel="epoch", ylabel=quantity, ylim=(0, 1) if quantity == "accuracy" else (0, None))
    axes[0].axhline(math.log(10), color="0.7", linewidth=0.8)
    axes[0].text(0, math.log(10), "ln 10", va="bottom", fontsize=8)
    axes[1].legend()
    plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "learning_curves", "locked": false, "schema_version": 3, "solution": true}
# ## 11. Read your curves
# *20 minutes · graded by a person*
#
# Look at **your own** figure. In five or six sentences: how far are training and validation apart at the end, in loss and in accuracy? Is there an epoch from which the two
# validation curves disagree (one still improves, the other does not), and how can that be? Which epoch was chosen, and would you have trained longer?
# Why is the accuracy of the chosen epoch on the *validation* images slightly too good to be true?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - gap (1): reads the gap between training and validation from the figure, with numbers for loss and accuracy, and calls it overfitting (or says that there is none yet).
# - disagreement (1): loss looks at probabilities and accuracy at the largest one only, so a few very confident errors can raise the loss while more images are right; or sees that both still improve together.
# - longer (1): argues from the slope at the end (or from the falling learning rate), not from a wish.
# - selection (1): the epoch was chosen by these very images, the best of several noisy numbers is too high on average; hence the test set, used once.
#
# *Full marks, for example.* At the end (epoch 19) my training loss is 0.31 and the validation loss 0.62, accuracies 0.89 and 0.80: nine points apart, so the network has
# begun to learn its 10,000 images by heart. From epoch 15 on the validation loss stays at 0.62 while the accuracy still creeps from 0.79 to 0.80. Both can be true, as the
# loss looks at probabilities and a few images that are wrong with great certainty weigh much in it, while accuracy only asks which is largest. Epoch 18 was chosen. I would
# not train longer: both curves are flat over the last three epochs, and the learning rate has fallen to zero. Its 0.80 is a little too good: it is the best of twenty noisy
# numbers on these very 5,000 images, so the test images, used once, say it better (0.79 here).
#
# *Half marks, for example.* At the end training has the loss 0.31 and the accuracy 0.89, validation 0.62 and 0.80, which is overfitting. The validation loss does not fall
# any more but the accuracy rises a little, because loss and accuracy are different things. Epoch 18 was chosen; I would train longer to get a better result. The validation
# accuracy was used to choose, so it is biased. (*gap 1; disagreement 0: no reason; longer 0: a wish; selection 1. Two of four.*)
# ### END MARK SCHEME

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_worst_errors", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt


@torch.no_grad()
def worst_errors(model: nn.Module, data: Images, k: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices of the k wrongly classified images with the largest loss, largest first, and all probabilities `(N, C)`."""
    model.eval()
    probabilities = torch.cat([model(x).softmax(dim=1).cpu() for x, _ in in_order(data)])
    of_label = probabilities[torch.arange(len(data[1])), data[1]]
    wrong = (probabilities.argmax(dim=1) != data[1]).nonzero()[:, 0]
    return wrong[of_label[wrong].argsort()[:k]], probabilities


if network is None:
    print("No errors yet: the cell above has not trained.")
else:
    worst, probabilities = worst_errors(network, test)
    figure, axes = plt.subplots(2, 8, figsize=(9, 3), layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, i in zip(axes.flat, worst.tolist(), strict=False):
        label, guess = int(test[1][i]), int(probabilities[i].argmax())
        axis.imshow(test[0][i].permute(1, 2, 0), interpolation="nearest")
        title = (
            f"{class_names[label]} {probabilities[i, label]:.1%}\n{class_names[guess]}? {probabilities[i, guess]:.0%}"
        )
        axis.set_title(title, fontsize=7)
    figure.suptitle("The worst errors: label with its probability, and what the network says instead", fontsize=9)
    plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "interpret_cross_entropy", "locked": false, "schema_version": 3, "solution": true}
# ## 12. What does the loss say?
# *20 minutes · graded by a person*
#
# Say in your own words what cross-entropy measures. Then take two images of **your own** figure of the worst errors: give each one's loss in numbers (from the
# probability in its title) and say why you would, or would not, forgive the network. Last: on a test set of 1000 images at a mean loss of 0.30,
# what does a single image whose label has probability $10^{-6}$ contribute to that mean, and what does that tell you about outliers?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - definition (1): minus the logarithm of the probability given to the true class, averaged: the surprise at the label; 0 when sure and right, ln C when guessing, unbounded when sure and wrong.
# - own errors (1): two losses computed from the figure (1 % is 4.6, 0.1 % is 6.9) and a reason from what is seen in the image, such as an odd view, two objects, a doubtful label.
# - outliers (1): 13.8 / 1000 = 0.0138, about a twentieth of the mean from one image in a thousand; the loss, unlike the accuracy, is ruled by confident errors, among them wrong labels.
#
# *Full marks, for example.* Cross-entropy is minus the logarithm of the probability that the network gave to the true class, averaged over the images: how surprised it is
# by the labels. 0 when it is sure and right, ln 10 = 2.3 when it guesses, without bound when it is sure and wrong. In my figure a cat has 0.1 %: its loss is −ln 0.001 =
# 6.9; it is seen from behind in the dark, and I forgive the network. A ship has 1.0 %, 4.6: it stands on wheels on a road, the network said "truck", and I would have said
# so too. One image with 10⁻⁶ has 13.8 and adds 13.8 / 1000 = 0.014 to the mean of 0.30, a twentieth, alone among a thousand: outliers, often wrong labels, rule the loss as
# they never rule the accuracy.
#
# *Half marks, for example.* It measures how wrong the network is: −log p of the right class. The worst image in my figure has p = 0.1 %, so its loss is 6.9. It is hard to
# see what it is. An image with 10⁻⁶ has a large loss, so outliers are bad for the mean. (*definition 1, own errors half: one image, one vague reason; outliers 0: no
# number. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 13. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** You add 7 to all logits of one image. Its cross-entropy
#
# - **a** does not change
# - **b** rises by 7
# - **c** falls by 7
# - **d** is multiplied by $e^{7}$

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** A colleague's accuracy on the same weights and images is 91.2 % with batches of 200 and 83.5 % with batches of 2. Most likely,
#
# - **a** the images are shuffled differently
# - **b** gradients were recorded during the evaluation
# - **c** the learning rate is too large
# - **d** the network was left in train mode

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** An evaluation has batches of 100 and 20 images, with accuracies 0.9 and 0.3. The accuracy over all images is
#
# - **a** 0.6
# - **b** 0.7
# - **c** 0.8
# - **d** 0.9

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "c"  # (90 + 6) / 120
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** The same weights work on 24×24 crops and on 32×32 images, because
#
# - **a** padding brings both to the same size before they reach the linear layer, which needs one size
# - **b** kernels do not depend on the map's size, and the mean over the map leaves 512 numbers
# - **c** batch norm rescales the maps
# - **d** strides adapt to the image

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "b"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5.** From epoch 6 on, validation loss rises while validation accuracy still creeps up. Most likely,
#
# - **a** the labels of the validation set are wrong, and the network begins to notice it only now
# - **b** this cannot happen: there is a bug
# - **c** the optimizer diverges
# - **d** a little more is right, but what is wrong is wrong with ever more certainty

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_5 = "d"
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_quiz", "locked": true, "schema_version": 3, "solution": false}
def check_quiz() -> None:
    for number, answer in enumerate([quiz_1, quiz_2, quiz_3, quiz_4, quiz_5], start=1):
        if answer is None:
            raise NotImplementedError(f'quiz_{number} is still to be answered: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'quiz_{number} is {answer!r}: choose one of "a", "b", "c", "d"'
    print("Five answers given.")


check_quiz()

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false}
# ## For the curious (no points)
#
# * Train once without crops and flips. By how much does the gap between the curves grow, and does the best epoch come sooner?
# * Break the network on purpose (no batch norm; a learning rate ten times larger; labels shuffled) and note what the two tests of part 9 say. Which bug passes both?
# * Label smoothing replaces the one-hot label by 0.9 and nine times 0.1/9. What is the least value its cross-entropy can take, and what becomes of your worst errors?
