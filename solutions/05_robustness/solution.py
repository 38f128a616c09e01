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
# # 05 · Robustness: the same object, seen a little differently
#
# *About six hours. No training of your own: a laptop is enough.*
#
# A network is right on 88 % of the test images. Move the camera by one pixel: is it still? Make the object smaller, turn it, push it
# into a corner: which of these hurts most? And when the network says "90 % sure", is it right nine times in ten? Here you take
# a trained network as it is and **measure**, one factor at a time.
#
# You will learn
#
# 1. to slide a window over an image and to map what a network thinks at each place;
# 2. to put "stable" into two numbers, and to see that they are not the same;
# 3. to compose test images in which exactly one thing varies;
# 4. to run an experiment in which the differences come from the factor and not from the draw;
# 5. to compare what a network believes of itself with what it achieves.
#
# ### The idea in one picture
#
# ![Left: one image, many crops, a map of (rows, cols, classes). Middle: one object, its location, scale or angle varied, accuracy against each factor. Right: how sure the network is against how often it is right, and one number, the ECE](idea.svg)
#
# Reading: Djolonga et al., [*On Robustness and Transferability of Convolutional Neural Networks*](https://arxiv.org/abs/2007.08558) (2021), the
# part on SI-Score; Guo et al., [*On Calibration of Modern Neural Networks*](https://arxiv.org/abs/1706.04599) (2017), sections 2 and 4.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from cut_out import cut_out, painted_over
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import CLASSES, small_images
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: few images, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "own_text", "locked": true, "schema_version": 3, "solution": false}
# ### Your own numbers
#
# Some of what you look at, and one question of the quiz, differ from student to student. They follow from a code: put the one that you were given between the quotes (`personal.py` says how).

# %% tags=["variant"]
code = "MC8GN"

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_own", "locked": true, "schema_version": 3, "solution": false}
from personal import own_window

own = own_window(code)
print(own.text)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** An object covers 4 % of an image, then 16 %. Its width grows by a factor of
#
# - **a** 1.41
# - **b** 2
# - **c** 4
# - **d** 16
#
# **Prediction 2.** A network of 3×3 convolutions, some with stride 2, then global average pooling and a linear layer, in eval mode. The window
# that you cut out of a larger image moves by one pixel; the object stays well inside. The predicted probabilities
#
# - **a** cannot change: convolutions commute with shifts
# - **b** change in the last decimals only, by rounding
# - **c** can change by any amount, even to another class
# - **d** change if the network is in train mode, and not otherwise
#
# **Prediction 3.** You divide all logits by $T = 3$ before the softmax, and measure the expected calibration error (part 9) again. It
#
# - **a** falls or rises, depending on whether the network was too sure or not sure enough
# - **b** falls in any case, since the network becomes more modest
# - **c** stays, since every predicted class stays
# - **d** rises in any case, since the network was trained at $T = 1$
#
# <details><summary>Hint for 2</summary>What does a convolution with stride 2 do to an image that is shifted by one pixel, and what by two? And
# what does a padded convolution see at the border of the window?</details>

# %% nbgrader={"grade": false, "grade_id": "predict_robustness", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "b"  # the square root of 16 / 4
predict_2 = "c"  # stride 2 commutes with shifts by two, and zeros at the border move with the window
predict_3 = "a"  # accuracy stays, confidence falls: good for the too sure, bad for the others
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. The cell that shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_robustness_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "a side goes with the root of the area"
reason_2 = "stride two commutes with shifts by two only"
reason_3 = "confidence falls and accuracy stays"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_robustness", "locked": true, "schema_version": 3, "solution": false}
def check_predict_robustness() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked.")


check_predict_robustness()

# %% [markdown] nbgrader={"grade": false, "grade_id": "network_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. The network under examination
# *Nothing to fill in*
#
# The trained baseline of assignment 01 with the test images of CIFAR-10, where both are there (`pretrained.py` with its weights, and the data set in the folder
# `CIFAR10_ROOT` or downloaded). Otherwise a small network is trained on procedural images, in less than a minute.
#
# To examine a network is not to change it. The helper below puts it into **eval mode without gradients** for a while, and afterwards every part is in
# the mode in which it was:
#
# ```python
# with evaluating(network):
#     logits = network(images)
# ```


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_evaluating", "locked": true, "schema_version": 3, "solution": false}
@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside the block the model is in eval mode and nothing records gradients; afterwards each part has its mode back."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes.items():
            part.training = mode


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_network", "locked": true, "schema_version": 3, "solution": false}
CIFAR10_CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def small_network() -> nn.Sequential:
    """Four convolutions, 61 thousand parameters: images `(N, 3, H, W)` in [0, 1] -> logits `(N, 10)`."""
    layers, cin = [], 3
    for cout, stride in ((16, 1), (32, 2), (64, 2), (64, 2)):
        layers += [nn.Conv2d(cin, cout, 3, stride=stride, padding=1), nn.BatchNorm2d(cout), nn.ReLU()]
        cin = cout
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, 10))


def fit(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int) -> nn.Module:
    """Train by SGD with a one-cycle learning rate, batches of 64. Returns the network in eval mode."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=epochs * -(-len(images) // 64))
    network.to(device).train()
    for _ in with_bar(range(epochs), "network, epochs"):
        for chosen in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(network(images[chosen].to(device)), labels[chosen].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def load_network() -> tuple[str, tuple[str, ...], nn.Module, torch.Tensor, torch.Tensor]:
    """Name of the data, names of the classes, a trained network, test images `(N, 3, 32, 32)` in [0, 1], labels `(N,)`."""
    if not FAST:
        from cifar10_images import announce_stand_in, load_cifar10

        try:
            from pretrained import load_model

            network, (photographs, truth) = load_model("baseline").to(device), load_cifar10(train=False)
            return "CIFAR-10", CIFAR10_CLASSES, network, photographs[:2000].permute(0, 3, 1, 2) / 255, truth[:2000]
        except (ImportError, OSError, ValueError) as problem:
            announce_stand_in("The trained baseline or CIFAR-10", problem, "a small network and procedural images")
    count, epochs = (2000, 8) if FAST else (3000, 8)
    network = fit(small_network(), *small_images(count, seed=0), epochs)
    return "small images", CLASSES, network, *small_images(400 if FAST else 2000, seed=1)


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
data_name, class_names, network, images, labels = load_network()
with evaluating(network):
    logits = torch.cat([network(x.to(device)).cpu() for x in images.split(250)])
print(f"{data_name}: {(logits.argmax(1) == labels).float().mean():.1%} of {len(labels)} test images are right")

# %% [markdown] nbgrader={"grade": false, "grade_id": "sliding_crops_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. Slide a window
# *Difficulty ●○○○ · importance ●●○○ · 20 minutes*
#
# Cut every square of `size` × `size` pixels out of an image, `stride` pixels apart, from the top left corner. The crop at $(i, j)$ of the grid has its top left pixel at
#
# $$(top, left) = (i \cdot stride,\; j \cdot stride), \qquad 0 \le i \le \left\lfloor \tfrac{H - size}{stride} \right\rfloor, \quad 0 \le j \le \left\lfloor \tfrac{W - size}{stride} \right\rfloor$$
#
# Every crop lies **wholly inside**; the last one touches the border only where the stride happens to land there (no padding, no additional crop). **Reading order**: along the first
# row from left to right, then the next row.
#
# *Worked numbers.* A 4×6 image, `size` 3, `stride` 2: one row and two columns, corners $[[0, 0], [0, 2]]$. The last row and the last column of pixels are in no crop.
#
# <details><summary>Hint</summary>How many values does <code>range(0, stop, stride)</code> take, and which <code>stop</code> still lets a crop in that ends exactly at the border?</details>


# %% nbgrader={"grade": false, "grade_id": "sliding_crops", "locked": false, "schema_version": 3, "solution": true}
def sliding_crops(image: torch.Tensor, size: int, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
    """All crops of a sliding window, and where they are.

    Args:
        image: `(C, H, W)`, any dtype; left unchanged.
        size: height and width of a crop, from 1 to the smaller of H and W.
        stride: pixels from one crop to the next, down and to the right, at least 1.

    Returns:
        crops `(K, C, size, size)` of the image's dtype, in reading order, and
        corners, int64 `(K, 2)`: row and column of each crop's top left pixel.
    """
    ### BEGIN SOLUTION
    _, height, width = image.shape
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    corners = [(top, left) for top in tops for left in lefts]
    crops = [image[:, top : top + size, left : left + size] for top, left in corners]
    return torch.stack(crops), torch.tensor(corners)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_sliding_crops", "locked": true, "schema_version": 3, "solution": false}
def check_sliding_crops() -> None:
    ladder = torch.arange(24).reshape(1, 4, 6)
    crops, corners = sliding_crops(ladder, 3, 2)
    assert corners.tolist() == [[0, 0], [0, 2]], f"corners {corners.tolist()}, expected [[0, 0], [0, 2]]"
    assert crops.shape == (2, 1, 3, 3), f"two crops of one channel, 3×3; yours have the shape {tuple(crops.shape)}"
    assert crops[1, 0].tolist() == [[2, 3, 4], [8, 9, 10], [14, 15, 16]], "the second crop starts at pixel (0, 2)"
    assert len(sliding_crops(ladder, 4, 1)[0]) == 3, "a crop as high as the image: one row of 6 − 4 + 1 crops"
    _, corners = sliding_crops(torch.zeros(3, 10, 12), 8, 2)
    print("10×12 image, crops of 8, stride 2: corners", corners.tolist())


check_sliding_crops()

# %% [markdown] nbgrader={"grade": false, "grade_id": "crop_predictions_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. A map of predictions
# *Difficulty ●●○○ · importance ●●○○ · 25 minutes*
#
# Send every crop through the network and put the answers where the crops were:
#
# $$P_{ij} = \text{softmax}\bigl(\text{model}(\text{crop at grid position } (i, j))\bigr) \in R^{classes}$$
#
# A map `(rows, cols, classes)`; `P[..., 3]` is then a picture of "how much cat, where". The network is **examined, not changed**: eval mode, no gradients, and afterwards
# every part in the mode in which it was (part 2 has a helper). One batch with all crops is fine.
#
# *Worked numbers.* A "network" whose logits are the mean red, green and blue of its input, on an image whose thirds are pure red, green and blue of
# strength 5: each crop inside one third has the probability $e^5 / (e^5 + 2) = 0.9867$ for its colour.
#
# <details><summary>Hint 1</summary>How many rows has the map? The corners know (how many different tops are there?), or count them by the formula of part 3.</details>
# <details><summary>Hint 2</summary>The crops are in reading order, so one <code>reshape</code> or <code>unflatten</code> makes the map. Rows first.</details>


# %% nbgrader={"grade": false, "grade_id": "crop_predictions", "locked": false, "schema_version": 3, "solution": true}
def crop_predictions(model: nn.Module, image: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """Class probabilities at each place of a sliding window.

    Args:
        model: module, images `(N, C, size, size)` -> logits `(N, classes)`; left as it was, modes of its parts included.
        image: float `(C, H, W)` on the model's device; left unchanged.
        size, stride: as in `sliding_crops`.

    Returns:
        Probabilities `(rows, cols, classes)`; each vector over the classes sums to one.
    """
    ### BEGIN SOLUTION
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        probabilities = F.softmax(model(crops), dim=1)
    rows = len(corners[:, 0].unique())
    return probabilities.unflatten(0, (rows, -1))
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_crop_predictions", "locked": true, "schema_version": 3, "solution": false}
def check_crop_predictions() -> None:
    image = torch.zeros(3, 6, 9)
    for channel in range(3):
        image[channel, :, 3 * channel : 3 * channel + 3] = 5.0
    colours = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # logits: mean red, green, blue
    found = crop_predictions(colours, image, 3, 3)
    assert found.shape == (2, 3, 3), f"2 rows, 3 columns, 3 classes; yours has the shape {tuple(found.shape)}"
    assert found.argmax(2).tolist() == [[0, 1, 2], [0, 1, 2]], "red, green and blue from left to right, in both rows"
    assert abs(found[0, 0, 0].item() - 0.9867) < 1e-3, (
        f"{found[0, 0, 0].item():.4f}, expected 0.9867: a softmax over classes"
    )
    normed = nn.Sequential(nn.BatchNorm2d(3), *colours)
    crop_predictions(normed, image, 3, 3)
    assert normed.training, "the model was in train mode, and should be again"
    assert normed[0].num_batches_tracked == 0, "batch norm has learnt from the crops: was the model in eval mode?"
    print("probability of green, crops of 3 at stride 1, first row:")
    print([round(p, 2) for p in crop_predictions(colours, image, 3, 1)[0, :, 1].tolist()])


check_crop_predictions()

# %% [markdown] nbgrader={"grade": false, "grade_id": "crop_stability_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. Stable in what sense?
# *Difficulty ●●○○ · importance ●●●○ · 20 minutes*
#
# Two numbers for one map. Each of the $K$ crops **votes** for its most probable class. The winner $c^{*}$ is the class with most votes; among equals, the one with the smallest number.
#
# $$\text{agreement} = \frac{\text{votes for } c^{*}}{K} \qquad\qquad \text{spread} = \sqrt{\frac{1}{K} \sum_{k=1}^{K} \bigl(P_{k c^{*}} - \overline{P_{c^{*}}}\bigr)^2}$$
#
# The spread is the standard deviation of the **winner's** probability over **all** crops, also over those that voted otherwise. It divides by $K$, so that one crop alone has spread 0.
#
# *Worked numbers.* Four crops, two classes, the second with probabilities 0.9, 0.8, 0.7 and 0.4: three of four vote for it, so the agreement is 0.75; their mean is 0.7, the spread
# $\sqrt{(0.04 + 0.01 + 0 + 0.09) / 4} = 0.1871$ (with $K - 1$ it would be 0.2160).
#
# <details><summary>Hint</summary><code>bincount</code> counts votes. Look up what <code>Tensor.std</code> divides by unless it is told.</details>


# %% nbgrader={"grade": false, "grade_id": "crop_stability", "locked": false, "schema_version": 3, "solution": true}
def crop_stability(probabilities: torch.Tensor) -> tuple[float, float]:
    """How far the crops of one image agree.

    Args:
        probabilities: float `(rows, cols, classes)`, as `crop_predictions` gives them; left unchanged.

    Returns:
        agreement: share of crops whose most probable class is the most common one, in (0, 1], and
        spread: standard deviation (dividing by the number of crops) of that class's probability over all crops.
    """
    ### BEGIN SOLUTION
    crops = probabilities.flatten(0, 1)
    votes = crops.argmax(dim=1).bincount()
    winner = votes.argmax()  # the first of the largest
    agreement = votes[winner] / len(crops)
    return agreement.item(), crops[:, winner].std(correction=0).item()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_crop_stability", "locked": true, "schema_version": 3, "solution": false}
def check_crop_stability() -> None:
    p = torch.tensor([[0.9, 0.8], [0.7, 0.4]])
    agreement, spread = crop_stability(torch.stack([1 - p, p], dim=2))
    assert abs(agreement - 0.75) < 1e-6, f"agreement {agreement}, expected 0.75: three of four crops vote for class 1"
    assert abs(spread - 0.1871) < 1e-3, f"spread {spread:.4f}, expected 0.1871 (0.2160: divided by K − 1)"
    agreement, spread = crop_stability(torch.tensor([[[0.2, 0.5, 0.3]]]))
    assert (agreement, spread) == (1.0, 0.0), f"one crop agrees with itself; yours: {agreement}, {spread}"
    sure = torch.full((1, 4, 2), 0.0)
    sure[..., 1] = torch.tensor([0.51, 0.99, 0.51, 0.99])
    sure[..., 0] = 1 - sure[..., 1]
    print("All crops vote alike, and yet: agreement {:.2f}, spread {:.2f}".format(*crop_stability(sure)))


check_crop_stability()

# %% [markdown] nbgrader={"grade": false, "grade_id": "figure_crops_text", "locked": true, "schema_version": 3, "solution": false}
# ### Shifts by one pixel
#
# Test images, continued by 4 mirrored pixels on each side; a 32×32 window that moves by **one** pixel. In the middle it sees the very image that the network
# was tested on. Two unstable images and the most stable one: the image, what each crop votes for, and then the probabilities of **all ten classes**, one map each.
#
# *Expect* a patchwork in the first two rows: stripes and single pixels where the vote changes by a shift of one pixel, and two or three maps of which one is bright where the other is dark. The last row is of one colour.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_crops", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

mine = (torch.arange(16) + own.first) % len(images)  # your own sixteen
wide = F.pad(images[mine], (4, 4, 4, 4), mode="reflect").to(device)
maps = torch.stack([crop_predictions(network, image, 32, 1).cpu() for image in wide])  # (n, 9, 9, classes)
stability = torch.tensor([crop_stability(map_) for map_ in maps])  # (n, 2)
print(f"mean agreement {stability[:, 0].mean():.3f}, mean spread {stability[:, 1].mean():.3f}, {len(maps)} images")
order = (stability[:, 0] - stability[:, 1]).argsort().tolist()
colours = plt.get_cmap("tab10")
figure, axes = plt.subplots(3, 12, figsize=(12.5, 3.9), layout="constrained", width_ratios=[1.4, 1.4] + 10 * [1])
for number, (row, chosen) in enumerate(zip(axes, [*order[:2], order[-1]], strict=True)):
    row[0].imshow(images[mine[chosen]].permute(1, 2, 0))
    row[0].set_title(f"it is: {class_names[labels[mine[chosen]]]}", fontsize=9)
    row[1].imshow(maps[chosen].argmax(dim=2), cmap=colours, vmin=0, vmax=9)
    row[1].set_title("votes: {:.0%} agree,\nspread {:.2f}".format(*stability[chosen]), fontsize=9)
    for c, axis in enumerate(row[2:]):
        shown = axis.imshow(maps[chosen, ..., c], cmap="viridis", vmin=0, vmax=1)
        if number == 0:
            axis.set_title(class_names[c], fontsize=9, color=colours(c), fontweight="bold")
    for axis in row:
        axis.set(xticks=[], yticks=[])
figure.colorbar(shown, ax=axes[:, -1], label="probability")
patches = [plt.Rectangle((0, 0), 1, 1, color=colours(c)) for c in range(10)]
figure.legend(patches, class_names, ncols=10, loc="outside lower center", fontsize=8, title="votes", frameon=False)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_crops", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>How ours looks (yours may differ where numbers are your own)</summary>
#
# ![Ours: three test images, what each crop votes for, and maps of all ten classes](expected_crops.png)
#
# </details>

# %% [markdown] nbgrader={"grade": false, "grade_id": "place_object_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. Compose a test image
# *Difficulty ●●●● · importance ●●○○ · 60 minutes*
#
# SI-Score puts **one object on one background** and varies location, size and angle, each alone. You compose such an image.
#
# Think backwards: do not carry the object's pixels to the image (that leaves holes), but ask **for each pixel of the image which point of the object it shows**. With pixel centres at
# $row + \frac12$ and $col + \frac12$, and $(\ell_y, \ell_x)$ the location as fractions of the background's height $H$ and width $W$:
#
# $$d_x = col + \tfrac12 - \ell_x W, \quad d_y = row + \tfrac12 - \ell_y H \qquad \text{(right and down from the object's centre)}$$
#
# The object was enlarged by a factor $z$ and turned **anticlockwise** by $a$; undo both:
#
# $$u = \frac{\cos a \; d_x - \sin a \; d_y}{z}, \quad v = \frac{\sin a \; d_x + \cos a \; d_y}{z} \qquad \text{(right and down from the object's centre, in the object's own pixels)}$$
#
# **`scale` is a fraction of the area**: the object's frame, $h \times w$ before enlarging, covers `scale` of the background, $z^2\, h\, w = scale \cdot H\, W$. Last, blend. **Cut the object out first** (mask times foreground, in the object's own pixels), then look up
# both the cut-out and the mask at $(u, v)$:
#
# $$\text{image} = (m \cdot f)(u, v) + \bigl(1 - m(u, v)\bigr) \cdot \text{background}$$
#
# The helper `look_up` reads a picture at given points, bilinearly, and gives 0 outside its frame; so beyond the object $m = 0$ and the background stays. (Looked up one by one and multiplied
# afterwards, $m(u, v) \cdot f(u, v)$ is dimmed twice along the rim: the object gets a dark seam.)
#
# *Worked numbers.* A 2×2 object on a 4×6 background, `scale` 4/24, so $z = 1$, angle 0, location (0.5, 0.5): it lies on rows 1 and 2, columns 2 and 3. With `scale` 16/24 it is $z = 2$ times as
# wide, not 4 times. Location (0.25, 0.5) moves its centre up by one pixel.
#
# <details><summary>Hint 1</summary>Make <code>d_y</code> of shape <code>(H, 1)</code> and <code>d_x</code> of shape <code>(1, W)</code>; every formula then broadcasts to <code>(H, W)</code>.</details>
# <details><summary>Hint 2</summary>Check one point by hand: at a = 90° the object's right end (u > 0, v = 0) should be seen <i>above</i> its centre (d_y < 0).</details>


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_look_up", "locked": true, "schema_version": 3, "solution": false}
def look_up(picture: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """A picture `(C, h, w)` read bilinearly at points, 0 outside its frame.

    Args:
        picture: float32 `(C, h, w)`.
        u, v: float32 `(H, W)`: how far right and how far down of the picture's centre, in its pixels.

    Returns:
        `(C, H, W)`.
    """
    _, height, width = picture.shape
    grid = torch.stack([2 * u / width, 2 * v / height], dim=-1)  # −1 and 1 are the edges of the frame
    return F.grid_sample(picture[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=False)[0]


# %% nbgrader={"grade": false, "grade_id": "place_object", "locked": false, "schema_version": 3, "solution": true}
def place_object(
    background: torch.Tensor,
    foreground: torch.Tensor,
    mask: torch.Tensor,
    location: tuple[float, float],
    scale: float,
    angle: float,
) -> torch.Tensor:
    """One object on one background, where, how large and how turned one wants it.

    Args:
        background: float32 `(C, H, W)` in [0, 1]; left unchanged.
        foreground: float32 `(C, h, w)` in [0, 1], the object in its frame.
        mask: float32 `(1, h, w)` in [0, 1]: 1 where the object is, 0 where it is not.
        location: the object's centre, `(down, right)`, as fractions of H and W; (0, 0) is the top left corner.
        scale: area of the object's frame over that of the background, greater than 0.
        angle: degrees, anticlockwise as one sees it.

    Returns:
        The image, float32 `(C, H, W)`. What lies beyond the border is cut off.
    """
    ### BEGIN SOLUTION
    _, height, width = background.shape
    d_y = torch.arange(height)[:, None] + 0.5 - location[0] * height
    d_x = torch.arange(width)[None, :] + 0.5 - location[1] * width
    zoom = math.sqrt(scale * height * width / mask.numel())
    cos, sin = math.cos(math.radians(angle)) / zoom, math.sin(math.radians(angle)) / zoom
    u, v = cos * d_x - sin * d_y, sin * d_x + cos * d_y
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_place_object", "locked": true, "schema_version": 3, "solution": false}
def check_place_object() -> None:
    def show(image: torch.Tensor) -> None:
        print(
            "\n".join("".join(" ░▒▓█"[round(4 * min(max(float(x), 0.0), 1.0))] * 2 for x in row) for row in image[0]),
            "\n",
        )

    stage, full = torch.zeros(1, 4, 6), torch.ones(1, 2, 2)
    expected = torch.zeros(4, 6)
    expected[1:3, 2:4] = 1
    assert torch.allclose(place_object(stage, full, full, (0.5, 0.5), 4 / 24, 0.0)[0], expected, atol=1e-4), (
        "a 2×2 object at scale 4/24 lies on rows 1 and 2, columns 2 and 3"
    )
    assert torch.allclose(
        place_object(stage, full, full, (0.25, 0.5), 4 / 24, 0.0)[0], expected.roll(-1, 0), atol=1e-4
    ), "location (0.25, 0.5): one pixel up; the first number goes down, the second to the right"
    large = place_object(stage, full, full, (0.5, 0.5), 16 / 24, 0.0)
    assert abs(large.sum().item() - 14) < 0.1, (
        f"scale 16/24: the pixels should add up to 14, yours to {large.sum().item():.1f} (10.2: a dark seam; 24: 4 times as wide)"
    )
    assert torch.equal(stage, torch.zeros(1, 4, 6)), "the caller's background was changed in place"
    flag = torch.zeros(1, 6, 6)
    flag[:, :, 2:4], flag[:, :3, 4:] = 1, 1  # a pole with a flag at its upper right
    for angle in (0.0, 90.0):
        print(f"a pole with its flag, turned by {angle:.0f}° anticlockwise:")
        show(place_object(torch.zeros(1, 8, 12), flag, flag, (0.5, 0.5), 36 / 96, angle))
    turned = place_object(torch.zeros(1, 8, 12), flag, flag, (0.5, 0.5), 36 / 96, 90.0)
    assert turned[0, 1, 3] > 0.9, "turned by 90° anticlockwise the flag flies at the upper left"


check_place_object()

# %% [markdown] nbgrader={"grade": false, "grade_id": "accuracy_by_factor_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. One factor at a time
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# A **factory** makes test images at one value of a factor: `factory(value, generator)` gives `(images, labels)`, and draws objects, backgrounds and all else that is random
# from the generator. Measure the accuracy at each value.
#
# $$A(x) = \frac{1}{N} \sum_{n=1}^{N} \left[\, \arg\max_c \text{model}(\text{image}_n(x))_c = y_n \,\right]$$
#
# The point is the generator. If each value got other objects, the curve would show the luck of the draw beside the factor. So **every value gets a new generator with the same seed**: the
# same objects on the same backgrounds, only the factor differs. (One generator handed on from value to value will not do: its state moves on.)
#
# *Worked numbers.* 50 images a value, 40 right at the first value and 35 at the second: `[0.8, 0.7]`. If both had drawn their own images, a difference of 0.1 would be no larger
# than its standard error, about $\sqrt{2 \cdot 0.19 / 50} = 0.09$.
#
# <details><summary>Hint</summary><code>torch.Generator().manual_seed(seed)</code> returns the generator. Inside the loop or before it?</details>


# %% nbgrader={"grade": false, "grade_id": "accuracy_by_factor", "locked": false, "schema_version": 3, "solution": true}
def accuracy_by_factor(model: nn.Module, factory: Callable, values: Sequence[float], seed: int) -> list[float]:
    """Accuracy at each value of one factor, on the same draws.

    Args:
        model: module, images `(N, C, H, W)` -> logits `(N, classes)`; examined in eval mode, left as it was.
        factory: `factory(value, generator)` -> images `(N, C, H, W)` and labels, int64 `(N,)`, on the model's device.
        values: of the factor, in any order; each gets a `torch.Generator` of its own, with this seed.
        seed: the same seed gives the same answer.

    Returns:
        One accuracy in [0, 1] for each value, a list of floats in the order of `values`.
    """
    ### BEGIN SOLUTION
    accuracies = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with evaluating(model):
            hits = model(images).argmax(dim=1) == labels
        accuracies.append(hits.float().mean().item())
    return accuracies
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_accuracy_by_factor", "locked": true, "schema_version": 3, "solution": false}
def check_accuracy_by_factor() -> None:
    draws = []

    def factory(value: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Ten images of two classes, of which the network below gets a share of `value` right."""
        draws.append(torch.rand((), generator=generator).item())
        labels = torch.arange(10) % 2
        shown = torch.where(torch.arange(10) < round(10 * value), labels, 1 - labels)
        return F.one_hot(shown, 2).float()[:, :, None, None], labels

    plain = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(2))
    found = accuracy_by_factor(plain, factory, [0.8, 0.3, 1.0], seed=5)
    assert isinstance(found, list), f"a list of floats, not a {type(found).__name__}"
    assert [round(a, 6) for a in found] == [0.8, 0.3, 1.0], f"{found}, expected [0.8, 0.3, 1.0]"
    assert len(set(draws)) == 1, f"each value should get the same draws; the first ones were {draws}"
    assert plain.training, "the network was in train mode, and should be again"
    assert plain[1].num_batches_tracked == 0, "batch norm has learnt from the test images: was it in eval mode?"
    print("accuracies", found, "all from the draw", round(draws[0], 4))


check_accuracy_by_factor()

# %% [markdown] nbgrader={"grade": false, "grade_id": "factories_text", "locked": true, "schema_version": 3, "solution": false}
# ### Which factor hurts?
#
# CIFAR-10 has no masks, so `cut_out.py` makes them: what is coloured like the rim of a photograph is background, what is not is object (its first lines say how, and when it gives up: three photographs in four are too unclear).
# The hole is painted over from its surroundings, and each object is put in front of **another** photograph, whose own object is gone. Whatever the network then says, it says for the object.
#
# First the objects as they stood, before they are moved at all: how much of the network's knowledge was about what lies *around* them?
#
# *Expect* outlines that you would have drawn so, with a ragged one here and there, and bars that grow shorter from the left to the right, though not for every class.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_objects", "locked": true, "schema_version": 3, "solution": false}
class Objects(NamedTuple):
    """N objects cut out of test images: pictures `(N, 3, 32, 32)`, masks `(N, 1, 32, 32)`, what was behind, labels."""

    pictures: torch.Tensor
    masks: torch.Tensor
    backgrounds: torch.Tensor
    labels: torch.Tensor


def drawn_mask(image: torch.Tensor) -> torch.Tensor:
    """The figure of a procedural image: where it is far from the plane of colour that fits its rim. `(1, h, w)`."""
    height, width = image.shape[1:]
    across, down = torch.linspace(-1, 1, width), torch.linspace(-1, 1, height)
    plane = torch.stack([torch.ones(height, width), *torch.meshgrid(down, across, indexing="ij")], dim=2)
    rim = torch.ones(height, width, dtype=torch.bool)
    rim[2:-2, 2:-2] = False
    colour = plane @ torch.linalg.lstsq(plane[rim], image[:, rim].T).solution
    mask = ((image.permute(1, 2, 0) - colour).abs().mean(dim=2) > 0.15).float()
    return (mask * (mask[rim].sum() == 0))[None]  # nothing where the figure runs over the edge


def find_objects() -> Objects:
    """What can be cut out of the first test images of part 2."""
    if data_name == "CIFAR-10":
        pictures = images[:1000]
        masks = torch.cat([cut_out(part) for part in with_bar(pictures.split(100), "cutting out")])
    else:
        pictures = images[:400]
        masks = torch.stack([drawn_mask(image) for image in pictures])
    clear = masks.mean(dim=(1, 2, 3)) > 0.05
    pictures, masks = pictures[clear], masks[clear]
    return Objects(pictures, masks, painted_over(pictures, masks), labels[: len(clear)][clear])


# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_backgrounds", "locked": true, "schema_version": 3, "solution": false}
objects = find_objects()
f, m, behind = objects.pictures, objects.masks, objects.backgrounds
ways = {
    "the photograph": f,
    "behind it its own,\npainted over": m * f + (1 - m) * behind,
    "behind it grey": m * f + (1 - m) * 0.5,
    "behind it\nanother's": m * f + (1 - m) * behind.roll(1, dims=0),
    "no object": behind,
}
figure, axes = plt.subplots(2, len(ways), figsize=(9.5, 3.9), layout="constrained", height_ratios=[1.3, 1])
for column, (title, pictures) in zip(axes.T, ways.items(), strict=True):
    with evaluating(network):
        said = torch.cat([network(x.to(device)).argmax(dim=1).cpu() for x in pictures.split(100)])
    right = said == objects.labels
    shown = torch.cat([torch.cat(list(pictures[row : row + 4]), dim=2) for row in (0, 4, 8)], dim=1)
    column[0].imshow(shown.permute(1, 2, 0).clamp(0, 1))
    column[0].set_title(title, fontsize=9)
    column[0].set(xticks=[], yticks=[])
    share = 100 * right.float().mean().item()
    column[1].barh(range(10), [100 * right[objects.labels == c].float().mean().item() for c in range(10)])
    column[1].axvline(share, color="black")
    column[1].set(xlim=(0, 100), yticks=[], xlabel=f"{share:.0f} % of {len(right)} right")
    column[1].invert_yaxis()
axes[1, 0].set_yticks(range(10), class_names, fontsize=7)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "factors_text", "locked": true, "schema_version": 3, "solution": false}
# Now one factor at a time. `object_factory` varies it; the others stay at the middle, the size and the angle that the network was trained on. One object through all factors (one that is recognised as it stood), then accuracy over
# several seeds: the line is their mean, the band reaches from the least to the largest. Two lines a factor: would your ranking be the same for objects of half the area, and the loss by size the same before a plain background?
#
# *Expect* lines that are highest where nothing was changed, and bands of five to twenty points; if a band is as wide as the whole figure, or a line is level at a tenth, look at the objects above first.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_factories", "locked": true, "schema_version": 3, "solution": false}
FACTORS = {  # name -> values, and what they are
    "location": ((0.0, 0.06, 0.12, 0.18, 0.24, 0.3), "distance from the middle (sides)"),
    "scale": ((0.1, 0.2, 0.4, 0.7, 1.0, 1.5), "area of the object's frame (images)"),
    "angle": ((0.0, 15.0, 30.0, 60.0, 90.0, 180.0), "degrees, anticlockwise"),
}


def object_factory(factor: str, count: int, scale: float = 1.0, grey: bool = False) -> Callable:
    """A factory of `count` images 32×32 in which one of FACTORS varies.

    Each object is before the background of the next one, or before `grey`; where another factor varies it has this `scale`.
    """

    def factory(value: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        order = torch.randperm(len(objects.labels), generator=generator)
        chosen, behind = order[:count], objects.backgrounds[order.roll(-1)[:count]]
        if grey:
            behind = torch.full_like(behind, 0.5)
        made = []
        for n, back, turn in zip(chosen, behind, torch.rand(count, generator=generator).tolist(), strict=False):
            settings = {"location": (0.5, 0.5), "scale": scale, "angle": 0.0}
            settings[factor] = value
            if factor == "location":  # in a direction of its own, the same at every distance
                down, right = math.sin(2 * math.pi * turn), math.cos(2 * math.pi * turn)
                settings[factor] = (0.5 + value * down, 0.5 + value * right)
            made.append(place_object(back, objects.pictures[n], objects.masks[n], **settings))
        return torch.stack(made).to(device), objects.labels[chosen].to(device)

    return factory


# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_objects", "locked": true, "schema_version": 3, "solution": false}
def look_at(factor: str, value: float, seed: int) -> tuple[torch.Tensor, str, str]:
    """One image (3, 32, 32), what the network says of it, and the colour of that: green if it is right."""
    image, label = object_factory(factor, count=1)(value, torch.Generator().manual_seed(seed))
    with evaluating(network):
        probability, said = F.softmax(network(image), dim=1)[0].max(dim=0)
    return image[0].cpu(), f"{class_names[said]} {probability:.0%}", "green" if said == label else "red"


seeds = range(own.first, own.first + 100)  # of draws: the first one of yours that is right as it stood
seed = next((seed for seed in seeds if look_at("scale", 1.0, seed)[2] == "green"), own.first)
figure, axes = plt.subplots(3, 6, figsize=(8.5, 4.6), layout="constrained")
for row, (factor, (values, _)) in zip(axes, FACTORS.items(), strict=True):
    for axis, value in zip(row, values, strict=True):
        image, said, colour = look_at(factor, value, seed)
        axis.imshow(image.permute(1, 2, 0).clamp(0, 1))
        axis.set_title(said, fontsize=8, color=colour)
        axis.set(xticks=[], yticks=[])
        axis.set_xlabel(f"{value:.3g}", fontsize=8)
    row[0].set_ylabel(factor)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_objects", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>How ours looks (yours may differ where numbers are your own)</summary>
#
# ![Ours: one object through all values of the three factors](expected_objects.png)
#
# </details>

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_factors", "locked": true, "schema_version": 3, "solution": false}
seeds = (0, 1) if FAST else (0, 1, 2)
count = 20 if FAST else 80
figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.9), sharey=True, layout="constrained")
for axis, (factor, (values, meaning)) in zip(axes, FACTORS.items(), strict=True):
    lines = {"as large as it was": object_factory(factor, count), "half the area": object_factory(factor, count, 0.5)}
    if factor == "scale":
        lines = {
            "before another's": object_factory(factor, count),
            "before grey": object_factory(factor, count, grey=True),
        }
    for title, factory in lines.items():
        curves = 100 * torch.tensor([accuracy_by_factor(network, factory, values, seed) for seed in seeds])
        mean, least, most = curves.mean(dim=0), curves.amin(dim=0), curves.amax(dim=0)
        axis.plot(values, mean, marker="o", label=title)
        axis.fill_between(values, least, most, alpha=0.25)
        print(
            f"{factor:8} {title:18} {mean.amax():.0f} to {mean.amin():.0f} %, widest band {(most - least).amax():.0f}"
        )
    axis.set(title=factor, ylim=(0, 100))
    axis.set_xlabel(meaning, fontsize=8)
    axis.legend(fontsize=8)
axes[0].set_ylabel("accuracy, %")
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_resolution_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. Repair a measurement
# *Difficulty ●●●○ · importance ●●●○ · 35 minutes*
#
# What if the whole image has more or fewer pixels than those the network was trained on? The networks of this course take any size, so: resize all images to `resolution` × `resolution`, and measure the accuracy.
#
# > Resize **bilinearly with antialiasing** (`F.interpolate(…, mode="bilinear", antialias=True)`, corners not aligned); the class with the largest logit of **each image**; the share of **all images** that
# > are right, however they were cut into batches; the network in eval mode, and afterwards as it was.
#
# Somebody measured with the function below. It runs, and its curve even looks plausible. It is wrong in **four** places. Run the symptoms, find the causes, write `evaluate_at_resolution`.
#
# *Worked numbers.* Three images in batches of two: both of the first are right, the third is wrong. That is 2/3, not the mean of 1 and 0.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_measurement", "locked": true, "schema_version": 3, "solution": false}
def broken_evaluate_at_resolution(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, resolution: int
) -> float:
    """Wrong on purpose, four times."""
    accuracies = []
    for x, y in zip(images.split(64), labels.split(64), strict=True):
        resized = F.interpolate(x, size=(resolution, resolution))
        probabilities = F.softmax(model(resized), dim=0)
        accuracies.append((probabilities.argmax(dim=1) == y).float().mean().item())
    return sum(accuracies) / len(accuracies)


def show_symptoms() -> None:
    shade = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # logits: mean red, green, blue
    reds = torch.zeros(65, 3, 8, 8)
    reds[:, 0], reds[:, 1] = 0.9, 0.1
    reds[64, 1] = 1.0  # one of them is green
    truth = torch.zeros(65, dtype=torch.int64)
    print("64 of 65 are red, expected 0.985:", round(broken_evaluate_at_resolution(shade, reds, truth, 4), 3))
    reds[0] = 30.0 * reds[0]  # brighter, and just as red
    print("one of them brighter, expected the same:", round(broken_evaluate_at_resolution(shade, reds, truth, 4), 3))
    stripes = torch.zeros(4, 3, 8, 8)
    stripes[:, 0, :, ::2], stripes[:, 1] = 1.0, 0.6  # red in every second column: 0.5 on average, less than the green
    print(
        "fine stripes, more green than red, expected 0.0:", broken_evaluate_at_resolution(shade, stripes, truth[:4], 4)
    )
    normed = nn.Sequential(nn.BatchNorm2d(3), *shade)
    broken_evaluate_at_resolution(normed, reds, truth, 4)
    print("batches from which the examined network has learnt, expected 0:", int(normed[0].num_batches_tracked))


show_symptoms()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_resolution_hint", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>Hint</summary>How are the parts averaged? Over what does the softmax sum to one? What becomes of the columns that a
# coarse grid steps over? In which mode is the network? The first symptom has two causes, the others have one each.</details>


# %% nbgrader={"grade": false, "grade_id": "repair_resolution", "locked": false, "schema_version": 3, "solution": true}
def evaluate_at_resolution(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, resolution: int) -> float:
    """Accuracy on images that are resized first.

    Args:
        model: module, images `(N, C, resolution, resolution)` -> logits `(N, classes)`; left as it was, modes included.
        images: float `(N, C, H, W)` on the model's device; left unchanged.
        labels: int64 `(N,)` on the same device.
        resolution: height and width after resizing, larger or smaller than before.

    Returns:
        Share of all images that are right, in [0, 1].
    """
    ### BEGIN SOLUTION
    size, hits = (resolution, resolution), 0
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64), strict=True):
            smaller = F.interpolate(x, size, mode="bilinear", antialias=True)
            hits += (model(smaller).argmax(dim=1) == y).sum().item()
    return hits / len(labels)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_resolution", "locked": true, "schema_version": 3, "solution": false}
def check_repair_resolution() -> None:
    shade = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    reds = torch.zeros(65, 3, 8, 8)
    reds[:, 0], reds[:, 1] = 0.9, 0.1
    reds[64, 1] = 1.0
    truth = torch.zeros(65, dtype=torch.int64)
    found = evaluate_at_resolution(shade, reds, truth, 4)
    assert abs(found - 64 / 65) < 1e-6, f"{found:.4f}, expected 64 of 65, that is {64 / 65:.4f}"
    print(f"64 of 65: {found:.4f}. Are the other three symptoms gone as well?")


check_repair_resolution()

# %% [markdown] nbgrader={"grade": false, "grade_id": "figure_resolution_text", "locked": true, "schema_version": 3, "solution": false}
# ### Which size should a small photograph have?
#
# Left: the same photographs at other sizes, by your function and by the broken one. Right: photographs from a camera with 16×16 pixels. One enlarges them, of course, to the 32×32 that the network was trained on. Of course?
#
# *Expect* a peak at 32 on the left. On the right the peak lies elsewhere: the network has learnt how *sharp* an edge is, and an enlarged photograph has no sharp edges.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_resolution", "locked": true, "schema_version": 3, "solution": false}
resolutions = (8, 12, 16, 24, 32, 48) if FAST else (8, 12, 16, 20, 24, 28, 32, 40, 48, 64)
some, truth = images[:200].to(device), labels[:200].to(device)
curve = [100 * evaluate_at_resolution(network, some, truth, resolution) for resolution in resolutions]
with evaluating(network):  # spares the network the worst of the four mistakes
    broken = [100 * broken_evaluate_at_resolution(network, some, truth, resolution) for resolution in resolutions]
coarse = F.interpolate(some, size=(16, 16), mode="bilinear", antialias=True)  # all that such a camera has seen
rescued = [100 * evaluate_at_resolution(network, coarse, truth, resolution) for resolution in resolutions]
best = rescued.index(max(rescued))
figure, axes = plt.subplots(1, 2, figsize=(8.5, 2.9), sharey=True, layout="constrained")
axes[0].plot(resolutions, curve, marker="o", label="repaired")
axes[0].plot(resolutions, broken, marker="x", linestyle=":", label="broken")
axes[0].set(title="photographs of 32×32", xlabel="resized to, pixels", ylabel="accuracy, %", ylim=(0, 100))
axes[1].plot(resolutions, rescued, marker="o", color="tab:green", label="photographs of 16×16")
axes[1].plot(resolutions[best], rescued[best], "o", color="tab:green", markersize=11, fillstyle="none")
axes[1].set(title="photographs of 16×16", xlabel="enlarged (or not) to, pixels")
for axis in axes:
    axis.axvline(32, color="0.7", linestyle="--", label="trained at 32")
    axis.legend(fontsize=8)
plt.show()
there = rescued[resolutions.index(32)]
print(f"photographs of 16×16: {there:.1f} % right if enlarged to 32, {rescued[best]:.1f} % at {resolutions[best]}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_resolution", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>How ours looks (yours may differ where numbers are your own)</summary>
#
# ![Ours: accuracy against the size to which photographs are brought](expected_resolution.png)
#
# </details>

# %% [markdown] nbgrader={"grade": false, "grade_id": "expected_calibration_error_text", "locked": true, "schema_version": 3, "solution": false}
# ## 9. Does it know what it knows?
# *Difficulty ●●○○ · importance ●●●● · 30 minutes*
#
# The **confidence** of a prediction is its largest probability. A calibrated network that says 0.8 is right on 80 % of those images. To measure it, sort the $N$ predictions into `bins` equally wide
# bins of confidence between 0 and 1, and compare in each bin how often they are right with how sure they were:
#
# $$ECE = \sum_{b=1}^{bins} \frac{n_b}{N} \left|\, \text{acc}_b - \text{conf}_b \,\right|$$
#
# with $n_b$ predictions in bin $b$, $\text{acc}_b$ the share of them that are right, $\text{conf}_b$ their mean confidence. An empty bin counts nothing. A confidence of exactly 1 belongs to the last bin; to which of its two
# neighbours another exact edge belongs is up to you.
#
# *Worked numbers.* Four images, 5 bins, confidences 0.95 (right), 0.85 (wrong), 0.65 (right), 0.55 (wrong). Last bin: $|0.5 - 0.9|$, two images; the two others: $|1 - 0.65|$ and $|0 - 0.55|$, one image each.
# $ECE = \frac{2}{4} 0.4 + \frac{1}{4} 0.35 + \frac{1}{4} 0.55 = 0.425$. (The plain mean over those three bins would be 0.433.)
#
# <details><summary>Hint 1</summary><code>probabilities.max(dim=1)</code> gives confidence and predicted class at once.</details>
# <details><summary>Hint 2</summary>The bin's number is a whole number: what does <code>(confidence * bins).long()</code> give for 1.0, and is there such a bin?</details>


# %% nbgrader={"grade": false, "grade_id": "expected_calibration_error", "locked": false, "schema_version": 3, "solution": true}
def expected_calibration_error(probabilities: torch.Tensor, labels: torch.Tensor, bins: int) -> float:
    """How far confidence is from accuracy, on average over the images.

    Args:
        probabilities: float `(N, C)`, rows sum to one; left unchanged.
        labels: int64 `(N,)` in 0..C−1.
        bins: number of equally wide bins between 0 and 1, at least 1.

    Returns:
        The error in [0, 1], a float; 0 for a calibrated network.
    """
    ### BEGIN SOLUTION
    confidence, predicted = probabilities.max(dim=1)
    right = (predicted == labels).to(confidence.dtype)
    number = (confidence * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in number.unique():
        inside = number == b
        error += inside.sum() * (right[inside].mean() - confidence[inside].mean()).abs()
    return float(error / len(labels))
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_expected_calibration_error", "locked": true, "schema_version": 3, "solution": false}
def check_expected_calibration_error() -> None:
    confidence = torch.tensor([0.95, 0.85, 0.65, 0.55])
    p = torch.stack([confidence, 1 - confidence], dim=1)
    found = expected_calibration_error(p, torch.tensor([0, 1, 0, 1]), 5)
    assert abs(found - 0.425) < 1e-4, f"{found:.4f}, expected 0.425 (0.4333 or 0.26: bins not weighed by their images)"
    sure = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    assert expected_calibration_error(sure, torch.tensor([1, 1]), 10) == 0, "sure and right: no error"
    assert expected_calibration_error(sure, torch.tensor([1, 0]), 10) == 0.5, "sure, and right half the time: 0.5"
    print(
        f"worked example {found:.3f}; with one bin for all {expected_calibration_error(p, torch.tensor([0, 1, 0, 1]), 1):.3f}"
    )


check_expected_calibration_error()

# %% [markdown] nbgrader={"grade": false, "grade_id": "truth_text", "locked": true, "schema_version": 3, "solution": false}
# ### The truth about your predictions
#
# Measured with what you have written. Were you right for the reason that you gave?


# %% tags=["check"] nbgrader={"grade": false, "grade_id": "truth", "locked": true, "schema_version": 3, "solution": false}
def show_truth() -> None:
    if not opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        return
    stage, full = torch.zeros(1, 100, 100), torch.ones(1, 50, 50)
    widths = [place_object(stage, full, full, (0.5, 0.5), scale, 0.0)[0, 50].sum().item() for scale in (0.04, 0.16)]
    print(f"1: the width grows from {widths[0]:.0f} to {widths[1]:.0f} pixels")
    torch.manual_seed(0)
    stripes = (torch.arange(33) % 8 < 4).float().expand(3, 32, 33)
    crops, _ = sliding_crops(stripes, 32, 1)
    with evaluating(fresh := small_network()):
        before, after = fresh(crops)
    change = (before - after).abs().max() / (before.max() - before.min())
    print(f"2: one pixel further, a logit moves by {change:.1%} of the range of all logits, without any training")
    for word, strength in (("too sure", 6.0), ("not sure enough", 0.7)):
        noise = torch.rand(4000, generator=torch.Generator().manual_seed(0))
        truth = (noise > 0.8).long()  # the first class is right in 80 of 100
        z = torch.stack([torch.full((4000,), strength), torch.zeros(4000)], dim=1)
        errors = [expected_calibration_error((z / T).softmax(dim=1), truth, 15) for T in (1, 3)]
        print(f"3: a network that is {word}: {errors[0]:.3f} before, {errors[1]:.3f} after")


show_truth()

# %% [markdown] nbgrader={"grade": false, "grade_id": "reliability_text", "locked": true, "schema_version": 3, "solution": false}
# ### Sure, and wrong: what it says under a shift
#
# On clean test images the network knows quite well what it knows. But will it *notice* that its images have become worse? First a little noise: accuracy, and beside it what the network believes its accuracy to be (its mean confidence).
#
# Then four kinds of images: clean, turned by 30°, small (a fifth of the area, on grey; both made by your `place_object`), and noisy. **Temperature scaling** divides all logits by one number $T$ (assignment 04): no
# prediction changes, only how sure the network is. In the upper row $T$ was chosen on clean images, in the lower row on images of the same kind, each time on other images than those shown. A bar is the share that is right in its bin;
# on the dotted diagonal it is what the network said, and a bar below it says "too sure".
#
# *Expect* two curves that start together and part: accuracy falls to a sixth while confidence hardly moves. In the upper row the first panel follows the diagonal and the others lie far below it; in the lower row each has a $T$ of its own, and no two agree.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_fit_temperature", "locked": true, "schema_version": 3, "solution": false}
def fit_temperature(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """The T between 1/4 and 4 with the least cross-entropy of `logits / T`; logits `(N, C)`, labels int64 `(N,)`."""
    candidates = torch.logspace(-2, 2, 161, base=2).tolist()
    return min(candidates, key=lambda T: F.cross_entropy(logits / T, labels).item())


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_shifts", "locked": true, "schema_version": 3, "solution": false}
def noisy(x: torch.Tensor, sigma: float, seed: int = 0) -> torch.Tensor:
    """Images with normal noise of standard deviation `sigma` added to every value, clipped to [0, 1]."""
    return (x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))).clamp(0, 1)


def replaced(x: torch.Tensor, scale: float, angle: float) -> torch.Tensor:
    """Each image as an object in the middle of a grey one: `scale` of its area, turned by `angle` degrees."""
    grey, whole = torch.full(x.shape[1:], 0.5), torch.ones(1, *x.shape[2:])
    return torch.stack([place_object(grey, image, whole, (0.5, 0.5), scale, angle) for image in x])


SHIFTS = {
    "turned by 30°": lambda x: replaced(x, 1.0, 30.0),
    "small": lambda x: replaced(x, 0.2, 0.0),
    f"noisy, σ = {own.sigma:g}": lambda x: noisy(x, own.sigma),
}


def logits_of(x: torch.Tensor) -> torch.Tensor:
    """Logits `(N, classes)` in eval mode, 250 images at a time."""
    with evaluating(network):
        return torch.cat([network(part.to(device)).cpu() for part in x.split(250)])


# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_noise", "locked": true, "schema_version": 3, "solution": false}
sigmas = (0.0, 0.05, 0.1, 0.2) if FAST else (0.0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2)
some, truth = images[-500:], labels[-500:]
right, sure = [], []
for sigma in sigmas:
    p = F.softmax(logits_of(noisy(some, sigma)), dim=1)
    right.append(100 * (p.argmax(dim=1) == truth).float().mean().item())
    sure.append(100 * p.amax(dim=1).mean().item())
figure, axes = plt.subplots(1, 2, figsize=(8.5, 2.9), layout="constrained", width_ratios=[1.2, 1])
axes[0].plot(sigmas, sure, marker="s", color="tab:red", label="mean confidence")
axes[0].plot(sigmas, right, marker="o", color="tab:blue", label="accuracy")
axes[0].fill_between(sigmas, right, sure, color="tab:red", alpha=0.12)
axes[0].set(xlabel="noise σ (images from 0 to 1)", ylabel="%", ylim=(0, 100), xticks=sigmas[::2])
axes[0].legend(fontsize=8)
examples = torch.cat([some[0], *(noisy(some[:1], sigma)[0] for sigma in sigmas[-3:])], dim=2)
axes[1].imshow(examples.permute(1, 2, 0))
axes[1].set(xticks=[], yticks=[], title="σ = 0" + "".join(f",  {sigma:g}" for sigma in sigmas[-3:]))
plt.show()
print(
    f"from σ = 0 to {sigmas[-1]:g}: accuracy {right[0]:.0f} -> {right[-1]:.0f} %, confidence {sure[0]:.0f} -> {sure[-1]:.0f} %"
)

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_noise", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>How ours looks (yours may differ where numbers are your own)</summary>
#
# ![Ours: accuracy and mean confidence against noise](expected_noise.png)
#
# </details>

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_reliability", "locked": true, "schema_version": 3, "solution": false}
half = min(len(labels) // 2, 1000)  # T is chosen on the first half, and judged on the second
truth = labels[half : 2 * half]
shifted = {"clean": logits[: 2 * half]}
shifted |= {title: logits_of(shift(images[: 2 * half])) for title, shift in SHIFTS.items()}
clean_T = fit_temperature(shifted["clean"][:half], labels[:half])
figure, axes = plt.subplots(2, len(shifted), figsize=(10.5, 5), sharex=True, sharey=True, layout="constrained")
for column, (title, z) in zip(axes.T, shifted.items(), strict=True):
    for axis, T in zip(column, (clean_T, fit_temperature(z[:half], labels[:half])), strict=True):
        p = F.softmax(z[half:] / T, dim=1)
        sureness, said = p.amax(dim=1), p.argmax(dim=1)
        count, edges = torch.histogram(sureness, 10, range=(0, 1))
        hits, _ = torch.histogram(sureness, 10, range=(0, 1), weight=(said == truth).float())
        for left, n, share in zip(edges, count, hits / count.clamp_min(1), strict=False):
            axis.bar(left + 0.05, share, width=0.09, color="tab:blue", alpha=0.15 + 0.85 * (n / count.max()).item())
        axis.plot([0, 1], [0, 1], color="black", linestyle=":")
        error = expected_calibration_error(p, truth, 15)
        axis.set_title(f"T = {T:.2f}, ECE = {error:.3f}", fontsize=9)
        axis.set(xlim=(0, 1), ylim=(0, 1))
    right = (shifted[title][half:].argmax(dim=1) == truth).float().mean()
    column[0].set_title(f"{title}: {right:.0%} right\n" + column[0].get_title(), fontsize=9)
axes[0, 0].set_ylabel("T of clean images\nshare that is right", fontsize=9)
axes[1, 0].set_ylabel("T of such images\nshare that is right", fontsize=9)
for axis in axes[1]:
    axis.set_xlabel("confidence (darker: more images)", fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "picture_reliability", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>How ours looks (yours may differ where numbers are your own)</summary>
#
# ![Ours: reliability of four kinds of images at two temperatures](expected_reliability.png)
#
# </details>

# %% [markdown] nbgrader={"grade": true, "grade_id": "are_they_stable", "locked": false, "schema_version": 3, "solution": true}
# ## 10. Are the predictions stable?
# *20 minutes · graded by a person*
#
# Look at **your own** maps of part 5. Describe one unstable image with its two numbers: where in the map does the prediction change, and does a shift by a *single* pixel ever change the
# winner? What is alike in the probabilities of the first and the second class? Then explain: which parts of the network make it depend on a shift at all?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - numbers (1): quotes agreement and spread of an image in the figure, and says where in the map the class changes, whether neighbouring crops differ.
# - complement (1): sees that probability moves between two or three similar classes (one map is nearly the negative of the other), or that spread can be large while all votes agree.
# - cause (1): strides that step over positions, and padding or cropped borders, with a reason why each breaks equivariance; "training data is centred" counts if tied to the map.
#
# *Full marks, for example.* The dark blue car in the first row: 54 % of the 81 crops agree, spread 0.25. Its map has upright stripes, car and truck in turn from one column
# to the next: a shift by a single pixel to the right changes the winner in nearly every row, a shift down seldom. The maps of car and truck are each other's negative:
# where one is bright the other is dark, and the other eight classes are black, so probability moves between two classes. In the second row three classes share it (plane,
# ship and truck). The cause is in the network: three convolutions have stride 2, so the picture is sampled at even places, and a shift by one pixel falls between them,
# which is the period of my stripes; and zeros at the border move along with the window.
#
# *Half marks, for example.* The first image is unstable, only about half of the crops agree. The prediction changes in many places. When one class goes up the other goes
# down. The network is not shift invariant because it was not trained on shifted images. (*numbers half: one number, no place; complement 1; cause 0: no part of the
# network. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "which_factor", "locked": false, "schema_version": 3, "solution": true}
# ## 11. Which factor hurts most?
# *25 minutes · graded by a person*
#
# From **your own** figures of part 7: rank the three factors by the accuracy they cost, with numbers, and compare the differences with the bands. Is the ranking fair, given the ranges that we chose, and does it survive at half the area? What do the five bars say about
# what the network had learnt: of whom did it know the surroundings rather than the object? For the worst factor, say why *this* network, trained as it was, suffers from it, and which one change of its training you would try.
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - ranking (1): ranks the factors with numbers read from the figure, and says of at least one difference whether it exceeds the bands.
# - fairness (1): sees that a range of angles and a range of scales are not comparable as such, or that the ranking depends on where the others are held (location costs little once the object is wholly in the picture).
# - surroundings (1): reads from the bars how much goes with the background, and names a class for which the background alone is enough (planes), or one for which it is not.
# - cause and change (1): ties the loss to the training images (upright, of one size in pixels) or to the architecture (pooling helps against location, nothing against angle), and aims one change at it, with its expected price.
#
# *Full marks, for example.* Before other backgrounds scale costs 55 points between its best and its worst value, angle 52, location 23. The widest bands are 10, 9 and 15 points, so scale and angle are not
# apart, but location is clearly the least. It is not a fair race: nobody photographs cars upside down, but an area of 0.1 is an ordinary photograph. And at half the area location costs 8 points, less than its band: what cost 23 at full size was mostly the
# part that had left the picture. The bars: 88 % of whole photographs, 85 % with the background painted over, 77 on grey, 69 before another's; so about 16 points hang on the surroundings. Without any object 25 % are right, and 65 % of the planes: sky says plane, and before something
# else only 45 % of them are found. Cars are at 5 % without an object. Scale is worst because this network has seen objects that fill the frame: its filters know edges of that size, and pooling cannot undo another. I would train with random crops that
# are resized (scale 0.1 to 1); the price is probably some accuracy on clean images.
#
# *Half marks, for example.* Scale hurts most (55 %), then angle, then location. The bands are small enough. With other backgrounds the network is worse, 69 instead of 88 %. The network was trained on upright objects in the middle. I
# would add augmentation. (*ranking half: one number, bands not compared; fairness 0; surroundings half: a number, no class; cause and change 1. Two of four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 12. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1, with your own numbers.** `sliding_crops` on an image of `own.height` × `own.width` pixels with `own.size` and `own.stride`. How many crops? A whole number; work it out by hand.

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # a number
### BEGIN SOLUTION
quiz_1 = ((own.height - own.size) // own.stride + 1) * ((own.width - own.size) // own.stride + 1)  # rows · columns
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** All crops of an image vote "cat", and the spread is 0.3. What follows?
#
# - **a** that cannot be: where all crops agree on the class, their probabilities agree too and the spread is 0
# - **b** the predicted class does not depend on the shift here; how sure the network is does
# - **c** about 30 % of the crops are wrong
# - **d** the network was in train mode

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "b"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** In `accuracy_by_factor` each value of the factor draws objects of its own. With 50 images a value, the curve
#
# - **a** mixes the effect of the factor with that of the draw
# - **b** is biased: it always lies too low
# - **c** is better, since it is made from more different objects
# - **d** is the same, since the objects come from one test set

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** A network is 80 % sure on every one of 1000 images, and right on 800 of them. Half of the images are cats; on those it is right 60 times in 100. Its expected calibration error is
#
# - **a** 0.2, since it is off by 0.2 on each half
# - **b** 0.1
# - **c** not defined, since nine of its ten bins hold no image at all
# - **d** 0: calibration on average says nothing of a group

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "d"  # 0.6 on cats and 1.0 on the others: 0.8 in the one bin
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5.** A network with global average pooling, trained on 32×32 images, gets the same images enlarged to 64×64. It runs, and its accuracy falls. The best reason:
#
# - **a** four times as many positions make the pooled features four times as large
# - **b** enlarging has lost the details by which the classes differ
# - **c** its linear layer expects another number of features
# - **d** its filters and fields of view have learnt objects of one size in pixels

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_5 = "d"
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_quiz", "locked": true, "schema_version": 3, "solution": false}
def check_quiz() -> None:
    for number, answer in enumerate([quiz_1, quiz_2, quiz_3, quiz_4, quiz_5], start=1):
        if answer is None:
            raise NotImplementedError(f"quiz_{number} is still to be answered")
        if number == 1:
            assert isinstance(answer, (int, float)), f"quiz_{number} is {answer!r}: it is a number of your own"
        else:
            assert answer in ("a", "b", "c", "d"), f'quiz_{number} is {answer!r}: choose one of "a", "b", "c", "d"'
    print("Five answers given.")


check_quiz()

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false}
# ## For the curious (no points)
#
# * Put a blur before each stride (Zhang, [*Making Convolutional Networks Shift-Invariant Again*](https://arxiv.org/abs/1904.11486), 2019), with fixed weights $[1\ 2\ 1] / 4$. What do agreement and accuracy do, without training anew?
# * Average the probabilities over all crops before you decide. How much accuracy do 81 crops buy, and how many would have been enough?
# * Measure the expected calibration error along the factor curves instead of on the clean images. Does the network notice that it has left what it knows?
