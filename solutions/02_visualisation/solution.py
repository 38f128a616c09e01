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
# # 02 · Visualisation: what does a network look at?
#
# *About four hours. A laptop is enough.*
#
# In assignment 01 you trained a network and looked at what it gets wrong. Here you ask **why**: which filters has it learnt, which
# pixels does an answer hang on, what does its ideal cat look like, and how little must an image change to *become* a cat? All four
# come from one trick: leave the weights alone and take the gradient **with respect to the image**. And since a pretty picture proves
# nothing, you also learn to test one: a map that explains a network must change when the network's weights are shuffled.
#
# You will learn
#
# 1. to look at filters, each on its own scale;
# 2. to take gradients with respect to an image, and to leave the network as you found it;
# 3. to test whether a picture says something about the network at all;
# 4. to paint the image a class likes best, and why it needs a term that asks for smoothness;
# 5. to move an image by less than you can see, and the answer by as much as you like.
#
# ### The idea in one picture
#
# ![In training the loss's gradient moves the weights. Here the gradient of one number goes to the image and the weights stay: looked at it is a saliency map, climbed along an ideal image, crept along an adversarial one](idea.svg)
#
# Reading: Simonyan, Vedaldi and Zisserman, [*Deep Inside Convolutional Networks*](https://arxiv.org/abs/1312.6034) (2013); Adebayo et al.,
# [*Sanity Checks for Saliency Maps*](https://arxiv.org/abs/1810.03292) (2018), sections 1 to 3; Madry et al., [*Towards Deep Learning Models
# Resistant to Adversarial Attacks*](https://arxiv.org/abs/1706.06083) (2017), section 2.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import copy
import os
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import CLASSES, small_images
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: short training, so that every cell runs within seconds
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "own_text", "locked": true, "schema_version": 3, "solution": false}
# ### Your own numbers
#
# Some of what you look at, and one question of the quiz, differ from student to student. They follow from a code: put the one that you were given between the quotes (`personal.py` says how).

# %% tags=["variant"]
code = "GWVRK"

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_own", "locked": true, "schema_version": 3, "solution": false}
from personal import own_attack

own = own_attack(code)
print(own.text)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** A saliency map shows, for each pixel, the size of the derivative of one class's logit. You add 100 to that class's bias
# in the last layer. The saliency map of the class
#
# - **a** becomes 100 times as large
# - **b** becomes almost zero, since the network is now certain
# - **c** stays exactly as it is
# - **d** grows where the image is bright
#
# **Prediction 2.** The total variation of an image adds up how much neighbouring pixels differ, downwards and sideways. That of an 8×8 chessboard
# of zeros and ones, divided by that of an 8×8 image whose left half is 0 and whose right half is 1, is
#
# - **a** 2
# - **b** 4
# - **c** 7
# - **d** 14
#
# **Prediction 3.** A linear classifier's logit is $\sum_i w_i x_i$, over the $n = 3072$ numbers of an image. Each number may move by at most $\varepsilon$. The logit can move by as much as
#
# - **a** $\varepsilon \cdot \max_i |w_i|$
# - **b** $\varepsilon \cdot \sum_i |w_i|$
# - **c** $\varepsilon \cdot \sqrt{\sum_i w_i^2}$
# - **d** $\varepsilon$
#
# <details><summary>Hint for 3</summary>Every number may move by ε at the same time, each in the direction that suits its own weight.</details>

# %% nbgrader={"grade": false, "grade_id": "predict_gradients", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "c"  # a constant has no derivative; it is the softmax that would saturate, not the logit
predict_2 = "d"  # the chessboard differs at all 2 · 7 · 8 pairs, the halves at 8
predict_3 = "b"  # with 3072 weights of size 0.05 and ε = 0.03: a move of 4.6
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. What shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_gradients_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "a constant has no derivative"
reason_2 = "112 pairs differ against 8"
reason_3 = "every value moves by epsilon in its own direction"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_gradients", "locked": true, "schema_version": 3, "solution": false}
def check_predict_gradients() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked. The checks of parts 3, 5 and 7 compute the truth.")


check_predict_gradients()

# %% [markdown] nbgrader={"grade": false, "grade_id": "filter_grid_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. The filters of a layer
# *Difficulty ●●○○ · importance ●○○○ · 25 minutes*
#
# The first convolution has filters with three input channels: each is a small colour image. Weights are positive and negative and of
# very different size, so **each filter $w_f$ is scaled to [0, 1] on its own**, by its least and largest weight over all of
# its channels and positions together (per channel would change its colour):
#
# $$\tilde w_f = \frac{w_f - \min w_f}{\max w_f - \min w_f}, \qquad \text{and } \tilde w_f = 0.5 \text{ where } \max w_f = \min w_f$$
#
# Lay them out like words on a page: filter 0 top left, then to the right, `columns` in a row, the next row below. **One pixel of white (1)
# between neighbours**, none around the outside. Places without a filter in the last row are white as well.
#
# *Worked numbers.* Two filters of one channel and 1×2 pixels, $[-1, 3]$ and $[5, 5]$, in two columns: $[0,\; 1,\; \mathbf{1},\; 0.5,\; 0.5]$, one row of five pixels, the bold one being the
# gap. Seven 3×3 filters in four columns: two rows, a picture of 7×15 pixels.
#
# <details><summary>Hint 1</summary><code>weight.amin(dim=(1, 2, 3), keepdim=True)</code> is one number per filter, of shape (filters, 1, 1, 1).</details>
# <details><summary>Hint 2</summary>Start with an image of ones and copy filter i to row <code>i // columns</code> and column <code>i % columns</code>; tiles begin every (size + 1) pixels.</details>


# %% nbgrader={"grade": false, "grade_id": "filter_grid", "locked": false, "schema_version": 3, "solution": true}
def filter_grid(weight: torch.Tensor, columns: int) -> torch.Tensor:
    """One picture of all filters of a convolution.

    Args:
        weight: float `(filters, C, h, w)`, left as it is.
        columns: filters in a row, at least 1.

    Returns:
        A picture `(C, rows · (h + 1) − 1, columns · (w + 1) − 1)` of the same dtype, values in [0, 1], with rows = ceil(filters / columns).
    """
    ### BEGIN SOLUTION
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)  # rounded up
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_filter_grid", "locked": true, "schema_version": 3, "solution": false}
def check_filter_grid() -> None:
    tiny = torch.tensor([[[[-1.0, 3.0]]], [[[5.0, 5.0]]]])
    picture = filter_grid(tiny, 2)
    assert picture.shape == (1, 1, 5), (
        f"two 1×2 filters and the gap between them: (1, 1, 5), not {tuple(picture.shape)}"
    )
    assert torch.allclose(picture, torch.tensor([[[0.0, 1.0, 1.0, 0.5, 0.5]]])), (
        "each filter from 0 to 1 on its own; a constant one is 0.5, not 0 / 0"
    )
    weight = torch.randn(7, 3, 3, 3, generator=torch.Generator().manual_seed(0))
    picture = filter_grid(weight, 4)
    assert picture.shape == (3, 7, 15), "seven 3×3 filters in four columns: two rows, 7×15 pixels"
    assert picture[:, 4:, 12:].min() == 1, "the eighth place has no filter: white"
    assert filter_grid(weight[:, :, :2], 3).shape == (3, 8, 11), (
        "2×3 filters: three rows of height 2, 3 columns of width 3"
    )
    print("Seven filters, two rows, 7×15 pixels.")


check_filter_grid()

# %% [markdown] nbgrader={"grade": false, "grade_id": "saliency_map_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. Which pixels matter?
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# How much would the **logit** $z_y$ of class $y$ move if a pixel moved a little? Colours are pooled by the largest of the channels:
#
# $$S_{ij} = \max_{c} \left| \frac{\partial z_y}{\partial x_{cij}} \right|$$
#
# The logit, not the probability: where the network is certain, the softmax is flat and its gradient almost zero everywhere.
#
# **Leave everything as you found it.** A map is a measurement, and it must not change what it measures:
#
# * the network is measured in **eval mode** (with a batch of one, batch norm in train mode would measure the image against itself),
#   and afterwards each of its parts is in the mode it was in. The helper `evaluating` below does both;
# * no gradients are left in `.grad` of its parameters: the next training step would add to them;
# * the caller's image does not change, nor ask for gradients.
#
# *Worked numbers.* A network with the logit $2 \cdot red_{00} - 3 \cdot green_{00} + 0.5 \cdot blue_{01}$ has the map 3 at pixel (0, 0), 0.5 at (0, 1) and 0 elsewhere, whatever the image.
#
# <details><summary>Hint 1</summary><code>torch.autograd.grad(number, tensor)</code> returns a tuple of gradients and touches nobody's <code>.grad</code>.</details>
# <details><summary>Hint 2</summary>The network takes a batch: <code>x[None]</code> has shape (1, C, H, W). Which tensor must require gradients, if it is not to be the caller's?</details>


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_evaluating", "locked": true, "schema_version": 3, "solution": false}
@contextmanager
def evaluating(model: nn.Module):
    """`with evaluating(model): …` runs its block in eval mode; afterwards each part is in the mode it was in before."""
    before = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, was_training in before:
            part.training = was_training


# %% nbgrader={"grade": false, "grade_id": "saliency_map", "locked": false, "schema_version": 3, "solution": true}
def saliency_map(model: nn.Module, image: torch.Tensor, label: int) -> torch.Tensor:
    """Size of the logit's derivative with respect to each pixel, the largest over the channels.

    Args:
        model: images `(N, C, H, W)` -> logits `(N, classes)`; measured in eval mode, left as it was found.
        image: float `(C, H, W)`, left as it was found.
        label: the class whose logit is measured.

    Returns:
        A map `(H, W)` of the image's dtype, at least 0.
    """
    ### BEGIN SOLUTION
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        logit = model(x[None])[0, label]
        (gradient,) = torch.autograd.grad(logit, x)
    return gradient.abs().amax(dim=0)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_saliency_map", "locked": true, "schema_version": 3, "solution": false}
def check_saliency_map() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 2 * 2, 2))
    weight = torch.zeros(3, 2, 2)
    weight[0, 0, 0], weight[1, 0, 0], weight[2, 0, 1] = 2.0, -3.0, 0.5
    with torch.no_grad():
        linear[1].weight[1] = weight.flatten()
    image = torch.rand(3, 2, 2)
    expected = torch.tensor([[3.0, 0.5], [0.0, 0.0]])
    found = saliency_map(linear, image, 1)
    assert found.shape == (2, 2), f"a map (H, W), here (2, 2), not {tuple(found.shape)}"
    assert torch.allclose(found, expected), f"{found.tolist()}, expected {expected.tolist()}"
    assert linear[1].weight.grad is None, "gradients were left in the model's parameters"
    assert not image.requires_grad, "the caller's image now asks for gradients: work on a copy"
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).train()
    net[1].eval()
    saliency_map(net, torch.rand(3, 5, 6), 0)
    assert net.training, "the model was in train mode and should be again: use `evaluating`"
    assert not net[1].training, "its batch norm was in eval mode and should be again: use `evaluating`"
    with torch.no_grad():
        linear[1].bias[1] += 100
    change = (saliency_map(linear, image, 1) - found).abs().max().item()
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print(f"prediction 1: 100 more in the bias changes the map by {change:.1f}")


check_saliency_map()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_sanity_check_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. Repair a sanity check
# *Difficulty ●●●○ · importance ●●●○ · 30 minutes*
#
# A map that looks like the object may be no more than an edge detector: edges are where the image is, whatever the network. The test of Adebayo et al.:
# **shuffle the weights, and the map must change.** It takes two functions.
#
# > `randomised_copy(model, generator)`: a copy of the model in which the entries of **every** parameter (weights and biases of every layer, each parameter by itself)
# > stand in random order. Order from `generator` alone. Batch norm's running statistics are copied as they are. **The model itself is left alone.**
#
# > `rank_correlation(a, b)`: Spearman's correlation of two maps of one shape. The least pixel of a map has rank 0, the next rank 1, and so on; the answer is the ordinary correlation
# > of the two lists of ranks, with $\bar r$ their mean: 1 for the same order, −1 for the reverse, about 0 for maps that know nothing of each other. (No two pixels of one map are equal.)
# >
# > $$\rho = \frac{\sum_i (r_i - \bar r)(s_i - \bar s)}{\sqrt{\sum_i (r_i - \bar r)^2 \; \sum_i (s_i - \bar s)^2}}$$
#
# A fellow student wrote both. Their check says that all maps resemble each other, whatever the weights: a sensation, and wrong in **four** places, two in each function. Run the
# symptoms, find the causes, write the two functions.
#
# *Worked numbers.* $a = [0.1, 0.9, 0.5]$ has the ranks $[0, 2, 1]$, $b = [3, 1, 2]$ the ranks $[2, 0, 1]$: $\rho = -1$.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_check", "locked": true, "schema_version": 3, "solution": false}
def broken_copy(model: nn.Module, generator: torch.Generator) -> nn.Module:
    """Wrong on purpose, twice."""
    shuffled = copy.copy(model)
    for parameter in shuffled.parameters():
        if parameter.ndim == 1:
            parameter.data = parameter.data[torch.randperm(len(parameter), generator=generator)]
    return shuffled


def broken_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Wrong on purpose, twice."""
    r, s = a.flatten().argsort().double(), b.flatten().argsort().double()
    return float((r * s).sum() / (r.norm() * s.norm()))


def show_symptoms() -> None:
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Flatten(), nn.Linear(16, 10))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    shuffled = broken_copy(model, torch.Generator().manual_seed(0))
    for name, part in [("of the copy, expected 4 of 4", shuffled), ("of the model itself, expected 0", model)]:
        moved = sum(not torch.equal(old, new) for old, new in zip(before, part.parameters(), strict=True))
        print(f"parameters {name}: {moved} moved")
    a, b = torch.rand(2, 32, 32, generator=torch.Generator().manual_seed(0))
    print(f"a map and its reverse, expected -1: {broken_correlation(a, -a):.2f}")
    print(f"two random maps, expected about 0: {broken_correlation(a, b):.2f}")
    c, d = torch.tensor([[3.0, 1.0, 2.0, 4.0], [3.0, 1.0, 4.0, 2.0]])
    print(f"[3, 1, 2, 4] and [3, 1, 4, 2], expected 0.2: {broken_correlation(c, d):.2f}")


show_symptoms()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_sanity_check_hint", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>Hint 1</summary>Two are about what is shared and what is skipped: what does <code>copy.copy</code> copy, and how many dimensions has the weight of a convolution?</details>
# <details><summary>Hint 2</summary><code>x.argsort()</code> says <i>which pixel</i> is the least, the second, … The rank of each pixel is the other way round: sort the sorting.</details>


# %% nbgrader={"grade": false, "grade_id": "repair_sanity_check", "locked": false, "schema_version": 3, "solution": true}
def randomised_copy(model: nn.Module, generator: torch.Generator) -> nn.Module:
    """A copy of the model in which the entries of every parameter stand in random order.

    Args:
        model: any network; left as it is.
        generator: the only source of chance.

    Returns:
        A network of the same kind and mode, which shares no tensor with the model.
    """
    ### BEGIN SOLUTION
    twin = copy.deepcopy(model)
    for parameter in twin.parameters():
        order = torch.randperm(parameter.numel(), generator=generator)
        parameter.data = parameter.data.flatten()[order].reshape(parameter.shape)
    return twin
    ### END SOLUTION


def rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Spearman's rank correlation of two maps `(H, W)` of one shape, in [−1, 1]. No two values of one map are equal."""
    ### BEGIN SOLUTION
    ranks = torch.stack([values.flatten().argsort().argsort().double() for values in (a, b)])
    return torch.corrcoef(ranks)[0, 1].item()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_sanity_check", "locked": true, "schema_version": 3, "solution": false}
def check_repair_sanity_check() -> None:
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.Flatten(), nn.Linear(16, 10))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    shuffled = randomised_copy(model, torch.Generator().manual_seed(0))
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True)), "the model changed"
    for old, new in zip(before, shuffled.parameters(), strict=True):
        assert torch.equal(old.flatten().sort().values, new.flatten().sort().values), (
            "the same entries in another order"
        )
        assert old.ndim == 1 or not torch.equal(old, new), "the weights are still in order: every parameter is shuffled"
    a, b = torch.rand(2, 32, 32, generator=torch.Generator().manual_seed(0))
    assert abs(rank_correlation(a, a) - 1) < 1e-4, "a map has rank correlation 1 with itself"
    assert abs(rank_correlation(a, -a) + 1) < 1e-4, "and −1 with its reverse"
    small = rank_correlation(torch.tensor([[3.0, 1.0], [2.0, 4.0]]), torch.tensor([[3.0, 1.0], [4.0, 2.0]]))
    assert abs(small - 0.2) < 1e-4, f"ranks [2, 0, 1, 3] and [2, 0, 3, 1] have correlation 0.2, found {small:.3f}"
    print(f"two random maps: {rank_correlation(a, b):.2f}; a map and its square: {rank_correlation(a, a**2):.2f}")


check_repair_sanity_check()

# %% [markdown] nbgrader={"grade": false, "grade_id": "total_variation_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. How rough is an image?
# *Difficulty ●○○○ · importance ●●○○ · 10 minutes*
#
# Add up by how much each pixel differs from its neighbour below and from its neighbour to the right, in each channel by itself, and divide by the **number of
# values of the image**, $C \cdot H \cdot W$, so that images of all sizes compare:
#
# $$TV(x) = \frac{1}{C H W} \sum_c \left( \sum_{i=0}^{H-2} \sum_{j=0}^{W-1} \left| x_{c,i+1,j} - x_{c,i,j} \right| \;+\; \sum_{i=0}^{H-1} \sum_{j=0}^{W-2} \left| x_{c,i,j+1} - x_{c,i,j} \right| \right)$$
#
# Nothing wraps around: the last row has no neighbour below. (Other texts square the differences, or do not divide. Here it is as above.)
#
# *Worked numbers.* One channel, $\begin{bmatrix} 0 & 1 \\ 2 & 4 \end{bmatrix}$: downwards $2 + 3$, sideways $1 + 2$, so $TV = 8 / 4 = 2$.
#
# <details><summary>Hint</summary><code>image[:, 1:]</code> has all rows but the first, <code>image[:, :-1]</code> all but the last.</details>


# %% nbgrader={"grade": false, "grade_id": "total_variation", "locked": false, "schema_version": 3, "solution": true}
def total_variation(image: torch.Tensor) -> torch.Tensor:
    """Sum of absolute differences between neighbouring pixels, divided by the number of values.

    Args:
        image: float `(C, H, W)`, of any height and width from 1 upwards.

    Returns:
        A scalar tensor `()`, at least 0, differentiable. Example: `[[[0, 1], [2, 4]]]` gives 2.
    """
    ### BEGIN SOLUTION
    down = (image[:, 1:] - image[:, :-1]).abs().sum()
    across = (image[:, :, 1:] - image[:, :, :-1]).abs().sum()
    return (down + across) / image.numel()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_total_variation", "locked": true, "schema_version": 3, "solution": false}
def check_total_variation() -> None:
    value = total_variation(torch.tensor([[[0.0, 1.0], [2.0, 4.0]]]))
    assert value.shape == (), "one number for the whole image"
    assert abs(value.item() - 2) < 1e-6, (
        f"{value.item():.4f}, expected 2 (4: each direction has its own mean; 4.5: squares)"
    )
    assert total_variation(torch.full((3, 5, 4), 0.7)).item() == 0, "a constant image does not vary"
    assert total_variation(torch.tensor([[[1.0]], [[5.0]]])).item() == 0, "channels are not each other's neighbours"
    board = (torch.arange(8)[:, None] + torch.arange(8)).remainder(2)[None].float()
    halves = (torch.arange(8) >= 4).expand(1, 8, 8).float()
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print(f"prediction 2: chessboard {total_variation(board):.3f}, halves {total_variation(halves):.3f},", end=" ")
        print(f"ratio {total_variation(board) / total_variation(halves):.0f}")


check_total_variation()

# %% [markdown] nbgrader={"grade": false, "grade_id": "maximise_class_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. The ideal image of a class
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# Start with noise and climb: which image does the network call "cat" most of all? Without more ado that is an image of coloured crumbs, as nobody asked for anything
# that looks like a photograph. So the network's logit is weighed against roughness, and values stay in the range of images:
#
# $$x_0 \sim \text{uniform noise}, \qquad x_{t+1} = \text{clip}_{[0, 1]}\!\left( x_t + \eta\, \nabla_x \left[ z_y(x_t) - \lambda\, TV(x_t) \right] \right), \qquad t = 0, \dots, \text{steps} - 1$$
#
# * The start is `torch.rand(size, generator=generator)`, and that is all the chance there is.
# * Clip after **every** step.
# * As in part 3: eval mode while you climb; afterwards modes and `.grad` of the model as before.
#
# *Worked numbers.* Pixels $[0.5, 0.8]$, logit $x_0 - x_1$, $\eta = 0.1$, $\lambda = 0$: after three steps $[0.8, 0.5]$; with $\eta = 1$ the first step already ends in the corner $[1, 0]$.
#
# <details><summary>Hint</summary>In each step: let the image require gradients, compute the score, take <code>torch.autograd.grad</code>, and make the next image from <code>x.detach()</code>, so that no graph
# grows from step to step.</details>


# %% nbgrader={"grade": false, "grade_id": "maximise_class", "locked": false, "schema_version": 3, "solution": true}
def maximise_class(
    model: nn.Module,
    label: int,
    size: tuple[int, int, int],
    steps: int,
    lr: float,
    tv_weight: float,
    generator: torch.Generator,
) -> torch.Tensor:
    """The image that gradient ascent on `logit − tv_weight · total_variation` leads to.

    Args:
        model: images `(N, C, H, W)` -> logits `(N, classes)`; used in eval mode, left as it was found.
        label: the class to maximise.
        size: `(C, H, W)` of the image.
        steps: number of steps, at least 0.
        lr: η, the length of a step as a multiple of the gradient.
        tv_weight: λ, at least 0.
        generator: source of the starting image, `torch.rand(size, generator=generator)`.

    Returns:
        float32 `size`, values in [0, 1], without a graph.
    """
    ### BEGIN SOLUTION
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            score = model(x[None])[0, label] - tv_weight * total_variation(x)
            (gradient,) = torch.autograd.grad(score, x)
            x = (x.detach() + lr * gradient).clamp(0, 1)
    return x
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_maximise_class", "locked": true, "schema_version": 3, "solution": false}
def check_maximise_class() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(2, 3, bias=False))
    with torch.no_grad():
        linear[1].weight[:] = torch.tensor([[0.0, 0.0], [1.0, -1.0], [5.0, 5.0]])
    start = torch.rand(1, 1, 2, generator=torch.Generator().manual_seed(0))  # 0.4963, 0.7682
    for lr, expected in [(0.1, start + torch.tensor([0.3, -0.3])), (1.0, torch.tensor([[[1.0, 0.0]]]))]:
        found = maximise_class(linear, 1, (1, 1, 2), 3, lr, 0.0, torch.Generator().manual_seed(0))
        assert found.shape == (1, 1, 2), "an image (C, H, W)"
        assert torch.allclose(found, expected), f"lr {lr}: {found.tolist()}, expected {expected.tolist()}"
    assert not found.requires_grad, "the result still hangs on its graph: detach it"
    rough, smooth = (
        maximise_class(linear, 1, (1, 1, 2), 50, 0.01, weight, torch.Generator().manual_seed(0))
        for weight in (0.0, 3.0)
    )
    print("without the variation term", [round(v, 2) for v in rough.flatten().tolist()], end="; ")
    print("with it", [round(v, 2) for v in smooth.flatten().tolist()])


check_maximise_class()

# %% [markdown] nbgrader={"grade": false, "grade_id": "targeted_attack_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. The adversarial cat (or whatever your target is)
# *Difficulty ●●●○ · importance ●●●● · 35 minutes*
#
# Now start from a real image and stay next to it: no value may move by more than $\varepsilon$ (the *ε-ball*, here a cube), and none may leave [0, 1]. Within that, make the network say `target`:
# walk **down** the cross-entropy with the target, each value by the same small amount $\alpha$ (only the gradient's **sign** counts), and after every step go back into the cube and the range.
#
# $$x_0 = \text{image}, \qquad x_{t+1} = \text{clip}_{[0,1]} \; \text{clip}_{[\text{image} - \varepsilon,\; \text{image} + \varepsilon]} \left( x_t - \alpha \, \text{sign}\, \nabla_x\, L(x_t, \text{target}) \right), \qquad \alpha = \frac{2.5\, \varepsilon}{\text{steps}}$$
#
# ($\alpha$ is that of Madry et al.: the walk can reach any corner of the cube, and turn round on the way.) Model, modes and the caller's image stay as they were.
#
# *Worked numbers.* Image $[0.5, 0.02]$, $\varepsilon = 0.1$, two steps ($\alpha = 0.125$), and a loss that falls when the first value grows and the second shrinks: after one
# step $[0.6, 0]$ (not 0.625, not −0.08), and there it stays.
#
# <details><summary>Hint 1</summary>The cube is around the <i>original</i> image, not around the last step. Its two borders can be computed once, before the loop.</details>
# <details><summary>Hint 2</summary><code>F.cross_entropy(model(x[None]), torch.tensor([target]))</code>. You want it small: which way do you walk?</details>


# %% nbgrader={"grade": false, "grade_id": "targeted_attack", "locked": false, "schema_version": 3, "solution": true}
def targeted_attack(model: nn.Module, image: torch.Tensor, target: int, epsilon: float, steps: int) -> torch.Tensor:
    """An image next to `image` which the model takes for `target`, by signed gradient steps of size 2.5 ε / steps.

    Args:
        model: images `(N, C, H, W)` -> logits `(N, classes)`; used in eval mode, left as it was found.
        image: float `(C, H, W)`, values in [0, 1], left as it was found.
        target: the class to reach.
        epsilon: how far any value may move, greater than 0.
        steps: number of steps, at least 1.

    Returns:
        `(C, H, W)` of the image's dtype, within epsilon of `image` and in [0, 1], without a graph.
    """
    ### BEGIN SOLUTION
    alpha = 2.5 * epsilon / steps
    low, high = (image - epsilon).clamp(min=0), (image + epsilon).clamp(max=1)
    x = image.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            loss = F.cross_entropy(model(x[None]), torch.tensor([target]))
            (gradient,) = torch.autograd.grad(loss, x)
            x = (x.detach() - alpha * gradient.sign()).clamp(low, high)
    return x
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_targeted_attack", "locked": true, "schema_version": 3, "solution": false}
def check_targeted_attack() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        linear[1].weight[:] = torch.tensor([[0.0, 0.0], [0.5, -0.1]])
    image = torch.tensor([[[0.5, 0.02]]])
    found = targeted_attack(linear, image, 1, 0.1, 2)
    expected = torch.tensor([[[0.6, 0.0]]])
    assert torch.allclose(found, expected), f"{found.tolist()}, expected {expected.tolist()}"
    few = targeted_attack(linear, image, 1, 0.1, 10)
    assert torch.allclose(few, expected), f"ten steps of a fifth of that: {few.tolist()}, expected {expected.tolist()}"
    assert torch.equal(image, torch.tensor([[[0.5, 0.02]]])), "the caller's image changed: work on a copy"
    assert not found.requires_grad, "the result still hangs on its graph: detach it"
    wide, grey = nn.Sequential(nn.Flatten(), nn.Linear(3072, 2, bias=False)), torch.full((3, 32, 32), 0.5)
    with torch.no_grad():
        wide[1].weight[1] = 0.05 * torch.randn(3072, generator=torch.Generator().manual_seed(0))
        wide[1].weight[0] = 0
    pushed = targeted_attack(wide, grey, 1, 0.03, 5)
    before, after = wide(torch.stack([grey, pushed]))[:, 1]
    largest, total = 0.03 * wide[1].weight[1].abs().max(), 0.03 * wide[1].weight[1].abs().sum()
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print(f"prediction 3: the logit moved by {after - before:.3f}; ε·max|w| = {largest:.3f}, ε·Σ|w| = {total:.3f}")


check_targeted_attack()

# %% [markdown] nbgrader={"grade": false, "grade_id": "network_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. A network to look at
# *15 minutes, most of it waiting: the pictures take a minute or two*
#
# The cells below look into the course's trained baseline (assignment 01) with images of CIFAR-10 that it has not seen. CIFAR-10 is used where it is found (folder in
# `CIFAR10_ROOT`) or can be downloaded; where the weights or the data are missing, a small network is trained on ten classes of procedural images instead, in less than a
# minute. Class 3 is a *cat* in the one and a *triangle* in the other.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_network", "locked": true, "schema_version": 3, "solution": false}
CIFAR10_CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def small_network() -> nn.Sequential:
    """Four convolutions, the first with 5×5 filters that are large enough to look at: images `(N, 3, H, W)` -> logits `(N, 10)`."""
    layers, cin = [], 3
    for cout, k, stride in [(16, 5, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)]:
        layers += [nn.Conv2d(cin, cout, k, stride=stride, padding=k // 2), nn.BatchNorm2d(cout), nn.ReLU()]
        cin = cout
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, 10))


def fit(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int) -> nn.Module:
    """Train by SGD with a one-cycle learning rate, batches of 64; returns the network in eval mode."""
    torch.manual_seed(0)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=epochs * -(-len(images) // 64))
    for _ in with_bar(range(epochs), "network, epochs"):
        for chosen in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(network(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def trained_network() -> tuple[nn.Module, torch.Tensor, torch.Tensor, tuple[str, ...]]:
    """A trained network in eval mode; images `(N, 3, 32, 32)` in [0, 1] that it has not seen; their labels; names of classes."""
    if not FAST:
        from cifar10_images import announce_stand_in, load_cifar10

        try:
            from pretrained import load_model

            network = load_model("baseline")
            images, labels = load_cifar10(train=False)
            return network, images[:1000].permute(0, 3, 1, 2) / 255, labels[:1000], CIFAR10_CLASSES
        except (ImportError, OSError, ValueError) as problem:
            announce_stand_in("The trained baseline or CIFAR-10", problem, "a small network and procedural images")
    network = fit(small_network(), *small_images(2000 if FAST else 5000, seed=0), epochs=6)
    return network, *small_images(500, seed=1), CLASSES


def show(axis, image: torch.Tensor, title: str = "", **options) -> None:
    """An image `(3, H, W)` or a map `(H, W)` without ticks."""
    axis.imshow(image.permute(1, 2, 0) if image.ndim == 3 else image, **options)
    axis.set_title(title, fontsize=8)
    axis.set(xticks=[], yticks=[])


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

network, images, labels, names = trained_network()
with torch.no_grad():
    probabilities = torch.cat([network(part) for part in images.split(100)]).softmax(dim=1)
right = probabilities.argmax(dim=1) == labels
examples = [
    int((probabilities[:, c] * (labels == c)).argmax()) for c in (0, 1, 5, 8)
]  # the surest plane, car, dog and ship
print(f"accuracy {right.float().mean():.3f} on {len(images)} images it has not seen")

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_filters", "locked": true, "schema_version": 3, "solution": false}
first = next(part for part in network.modules() if isinstance(part, nn.Conv2d)).weight.detach()
figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
columns = int(len(first) ** 0.5)
show(axes[0], filter_grid(first, columns), "filters of the first layer, trained")
show(axes[1], filter_grid(torch.randn(first.shape), columns), "random numbers")
plt.show()

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_saliency", "locked": true, "schema_version": 3, "solution": false}
shuffled = randomised_copy(network, torch.Generator().manual_seed(0))
figure, axes = plt.subplots(3, 4, figsize=(8, 6.2), layout="constrained")
for column, index in zip(axes.T, examples, strict=True):
    image, label = images[index], int(labels[index])
    maps = [saliency_map(model, image, label) for model in (network, shuffled)]
    show(column[0], image, names[label])
    show(column[1], maps[0], "saliency", cmap="magma")
    show(column[2], maps[1], f"weights shuffled: ρ = {rank_correlation(*maps):.2f}", cmap="magma")
plt.show()

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_ideal", "locked": true, "schema_version": 3, "solution": false}
weights = (0.0, 20.0, 100.0)
figure, axes = plt.subplots(2, 3, figsize=(7, 4.8), layout="constrained")
for row, label in zip(axes, (3, 7), strict=True):
    for axis, tv_weight in zip(row, weights, strict=True):
        generator = torch.Generator().manual_seed(0)
        ideal = maximise_class(network, label, (3, 32, 32), 40 if FAST else 150, 0.3, tv_weight, generator)
        with torch.no_grad():
            logit = network(ideal[None])[0, label].item()
        show(axis, ideal, f"{names[label]}, λ = {tv_weight:.0f}: logit {logit:.0f}, TV {total_variation(ideal):.2f}")
plt.show()

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_attack", "locked": true, "schema_version": 3, "solution": false}
figure, axes = plt.subplots(3, 4, figsize=(8, 6.4), layout="constrained")
for column, index in zip(axes.T, examples, strict=True):
    image, epsilon = images[index], (16 if names is CLASSES else 8) / 255
    adversarial = targeted_attack(network, image, own.target, epsilon, 20)
    with torch.no_grad():
        before, after = network(torch.stack([image, adversarial])).softmax(dim=1)
    show(column[0], image, f"{names[before.argmax()]} {before.max():.0%}")
    show(
        column[1],
        ((adversarial - image) / (2 * epsilon) + 0.5).clamp(0, 1),
        f"difference, ε = {epsilon * 255:.0f}/255, enlarged",
    )
    show(column[2], adversarial, f"{names[after.argmax()]} {after.max():.0%}")
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "filters_and_maps", "locked": false, "schema_version": 3, "solution": true}
# ## 9. Which filters do you recognise, and can you trust the map?
# *20 minutes · graded by a person*
#
# From **your own** figures, in five to eight sentences: which filters can you name (edges of which direction, colours, spots), which can you not, and what tells trained filters from random numbers? What
# do the saliency maps single out, and what do their rank correlations with the maps of the shuffled network say? What would you have had to conclude from a correlation of 0.95?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - filters (1): names at least two kinds in the figure with their places (row and column), and admits those that cannot be named; trained ones are smooth or oriented, random numbers are neither.
# - maps (1): says where the maps are large (on the object, its outline, or surprisingly elsewhere), with one image as an example, and that they are grainy.
# - sanity (1): quotes the correlations, sees that they are far below 1, so that the maps depend on the weights; near 0.95 the map would show the image (edges), not the network. That a low value proves the map faithful does not follow, and saying so counts too.
#
# *Full marks, for example.* Row 2, column 5 goes from dark to bright from left to right: an upright edge; row 6, column 1 is blue on one side and orange on the other: a
# colour edge. Row 4, column 7 is a bright spot in the middle. About half of them I cannot name. What tells them from random numbers is that neighbouring weights resemble
# each other and colours come in pairs. The saliency of the plane is large along its fuselage, grainy, and zero in the sky; that of the car lies on the wheels and the
# ground below. With shuffled weights the maps have rank correlations of 0.1 to 0.3 with the first ones: they depend on the weights. With 0.95 I would have had to conclude
# that the map shows the edges of the image, whatever the network learnt. A low value does not prove that it shows the true reason.
#
# *Half marks, for example.* I see edges and colours in the first layer, the random ones have no structure. The saliency maps are bright on the object. The correlations are
# low, which is good, so the maps explain the network. (*filters half: no places; maps half: no image; sanity half: no numbers, and "explain" claims too much. One and a
# half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "ideal_cat", "locked": false, "schema_version": 3, "solution": true}
# ## 10. An ideal cat, with and without the variation term
# *20 minutes · graded by a person*
#
# From **your own** figure of ideal images, in five to eight sentences: how do the images without the term differ from those with it, in what you see and in the two numbers of each title? Do you find
# parts of the object, its texture, its colours? The network is far more certain of these images than of any photograph: what does that say about its "certainty", and how do the adversarial images of the last figure fit in (yours have a target of their own)?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - term (1): without it fine, high-contrast crumbs; with it larger, smoother patches; too large a weight leaves little but a flat colour.
# - numbers (1): quotes logit and TV for at least two weights: TV falls, and the logit falls a little with it; the price of smoothness.
# - content (1): describes what the network asks for (repeated textures, stripes, colours, parts many times over) instead of one object with an outline, and connects it with global average pooling or with what is enough to tell the classes apart.
# - certainty (1): a large logit is no sign of a cat: the network is certain far away from all data, and next to it too (the attack); its probabilities only compare the ten classes.
#
# *Full marks, for example.* Without the term the cat is a carpet of coloured crumbs of one or two pixels; at λ = 20 there are stripes and dark round spots as large as
# eyes, at 100 a few soft patches. Logit and TV fall from 46 and 0.50 (λ = 0) to 31 and 0.13 (20) and 14 and 0.04 (100): smoothness costs evidence. I find stripes of fur
# and pointed corners all over, many times, but no cat with an outline: global average pooling adds up evidence wherever it lies, so many ears are better than two. A
# photograph of a cat has a logit of about 10. Certainty therefore does not say "this looks like a cat" but "of ten classes this speaks most for cat", also far away from
# all photographs; and the last figure shows the same next to one, where a change that I cannot see made 99 % cat out of a ship.
#
# *Half marks, for example.* Without the term the image is noise, with it it is smoother. The logit is 46 without and 31 with it. I can see something like fur. The network
# is very certain of images that are no cats, so one cannot trust it. (*term half; numbers half: TV missing; content half: no reason; certainty half: attack missing. Two of
# four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 11. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** You shuffle all weights of a network, and the "explanation" of its answer hardly changes. That explanation shows
#
# - **a** the structure of the image, not what the network has learnt
# - **b** that the network is robust
# - **c** that the architecture alone solves the task, whatever its weights are
# - **d** that the shuffled network has the same accuracy

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** For an image of which the network is certain (probability 0.999999), the gradient of the **probability** with respect to the image is
#
# - **a** almost zero at every pixel, whatever the gradient of the logit
# - **b** the same as that of the logit
# - **c** larger than that of the logit, since a sure network reacts to the smallest change
# - **d** negative at every pixel

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "a"  # ∂p/∂z = p (1 − p)
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** You compute a saliency map with `logit.backward()` in the middle of training and call `optimizer.step()` after the next batch's `backward()`, without clearing anything. The step
#
# - **a** is the usual one: the map asked for the image's gradient only
# - **b** fails, since a graph can be used only once
# - **c** is taken twice
# - **d** goes along the sum of the loss's gradient and the logit's

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "d"  # backward adds to .grad of every parameter on the way
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** Among all changes of at most ε per value, which one changes a *linear* logit the most?
#
# - **a** ε times the gradient
# - **b** ε times the gradient, divided by its length
# - **c** ε times the sign of the gradient
# - **d** ε at the value with the largest gradient, nothing elsewhere

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "c"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5, with your own numbers.** An attack with your ε (`own.epsilon` 255ths) runs with your `own.steps` steps, α = 2.5 ε / steps as above. After the first `own.first` of them: by how many 255ths can a single value
# have changed at most? A number, to within 0.01.

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # a number
### BEGIN SOLUTION
quiz_5 = min(own.epsilon, own.first * 2.5 * own.epsilon / own.steps)  # as far as the steps carry, or to the cube's wall
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
# * Average the saliency maps of thirty copies of an image with a little noise added to each (SmoothGrad). Is the average easier to read, and does it still pass the sanity check?
# * Shift the image by a random pixel or two before each step of the climb. What happens to the fine pattern, and why?
# * Attack one network and show the image to another that was trained from another seed. How often is it fooled as well?
