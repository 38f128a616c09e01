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
# # 06 · Two networks: what is it, and which way is up?
#
# *About six hours, in a group of two. A laptop is enough; a GPU makes the training cell quick.*
#
# One network learns from 45,000 labels what is in an image. Another never sees a label: it gets images that were turned and learns
# **which way is up**. Both are the same small ResNet. You will build it, train it twice, and then open both: where do they look
# (activation maps), what do they find alike (neighbours), and at which depth does the one without labels know most about the world?
#
# You will learn
#
# 1. to build a residual network from one block, and to see why its shortcut sometimes needs weights;
# 2. to make a task out of nothing but images;
# 3. to take features out of *any* network without leaving a trace in it;
# 4. to show what a network looks at, and what such a picture does not prove;
# 5. to compare two representations by neighbours, by a linear probe and by t-SNE.
#
# ### The idea in one picture
#
# ![Two networks of the same layers: stem, stages 1 to 4, mean, linear. One says “a cat” (10 classes, labels), the other “turned 90°” (4 classes, no labels). After each stage a linear probe asks how well the class can be read](idea.svg)
#
# Reading: He et al., [*Deep Residual Learning*](https://arxiv.org/abs/1512.03385) (2015), section 3; Gidaris, Singh and Komodakis,
# [*Unsupervised Representation Learning by Predicting Image Rotations*](https://arxiv.org/abs/1803.07728) (2018), sections 2 and 3; Zhou et al.,
# [*Learning Deep Features for Discriminative Localization*](https://arxiv.org/abs/1512.04150) (2016), section 2.
#
# **How to work.** Two of you hand in one notebook, under the group's name. Fill the blanks (`raise NotImplementedError`). The check cell after each
# blank runs at once; when it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import math
import os

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import small_images
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: tiny training, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "own_text", "locked": true, "schema_version": 3, "solution": false}
# ### Your own numbers
#
# Some of what you look at, and one question of the quiz, differ from student to student. They follow from a code: put the one that you were given between the quotes (`personal.py` says how).

# %% tags=["variant"]
code = "T495Z"

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_own", "locked": true, "schema_version": 3, "solution": false}
from personal import own_turns

own = own_turns(code)
print(own.text)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** The ResNet of part 3 has four stages of width 32, 64, 128 and 256, with one block each: two 3×3 convolutions. The last stage holds, of all its parameters, about
#
# - **a** one quarter
# - **b** one half
# - **c** three quarters
# - **d** all but one percent
#
# **Prediction 2.** Half of your images show an arrow that points up, half a perfect disc on a plain background. Every image is turned by 0°, 90°, 180° or 270°, each
# equally often. The share of turns that the *best possible* network gets right is
#
# - **a** 25 %
# - **b** 50 %
# - **c** 62.5 %
# - **d** 100 %
#
# **Prediction 3.** On 32×32 images the last stage's maps have 4×4 positions. The same trained network gets images of 64×64. Now the maps, from which the activation maps of part 6 are made,
#
# - **a** have 4×4 positions
# - **b** have 8×8 positions
# - **c** have 16×16 positions
# - **d** do not exist: the network refuses the images
#
# <details><summary>Hint for 1</summary>A 3×3 convolution has 9 weights for every pair of channels. Doubling the width makes how many pairs?</details>

# %% nbgrader={"grade": false, "grade_id": "predict_networks", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "c"  # 919,040 of 1,228,970: each stage has about four times the parameters of the one before
predict_2 = "c"  # arrows 100 %, discs by chance 25 %
predict_3 = "b"  # three stages halve, whatever the size; the mean over positions takes any number of them
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. What shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_networks_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "each stage has four times the parameters"
reason_2 = "arrows can be told and discs cannot"
reason_3 = "three stages halve whatever comes in"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_networks", "locked": true, "schema_version": 3, "solution": false}
def check_predict_networks() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked.")


check_predict_networks()

# %% [markdown] nbgrader={"grade": false, "grade_id": "basic_block_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. A residual block
# *Difficulty ●●○○ · importance ●●●● · 30 minutes*
#
# A block computes a *correction* to its input and adds it:
#
# $$y = \mathrm{ReLU}\big(\, \underbrace{N_2(K_2 * \mathrm{ReLU}(N_1(K_1 * x)))}_{\text{correction}} \;+\; \underbrace{S(x)}_{\text{shortcut}} \,\big)$$
#
# | attribute | what |
# |---|---|
# | `conv1` | 3×3 convolution, `in_channels` → `out_channels`, **with the stride** |
# | `norm1` | batch norm, then ReLU |
# | `conv2` | 3×3 convolution, `out_channels` → `out_channels`, stride 1 |
# | `norm2` | batch norm; the ReLU comes **after** the sum |
# | `shortcut` | `nn.Identity()` where the shape does not change; else `nn.Sequential` of a 1×1 convolution with the stride and a batch norm |
#
# Convolutions are padded so that stride 1 keeps the size, and have **no biases** (the batch norm after each has one). The shape changes where the stride is not 1 *or* the
# number of channels changes. Define the layers in the order of the table.
#
# *Worked numbers.* `BasicBlock(32, 64, 2)` has $9\cdot 32\cdot 64 + 9\cdot 64\cdot 64 + 32\cdot 64 + 3 \cdot 2 \cdot 64 = 57{,}728$ parameters, `BasicBlock(32, 32)` has 18,560. With all
# convolution weights 0, a fresh `BasicBlock(1, 1)` in eval mode makes $[-1, 2]$ into $[0, 2]$: the correction is nothing, the shortcut is all.
#
# <details><summary>Hint 1</summary>"RuntimeError: The size of tensor a must match the size of tensor b" means that the shortcut kept a shape that the other way changed.</details>
# <details><summary>Hint 2</summary><code>padding=kernel_size // 2</code> is 1 for the 3×3 convolutions and 0 for the 1×1 one.</details>


# %% nbgrader={"grade": false, "grade_id": "basic_block", "locked": false, "schema_version": 3, "solution": true}
class BasicBlock(nn.Module):
    """A residual block: maps `(N, in_channels, H, W)` -> `(N, out_channels, ceil(H / stride), ceil(W / stride))`.

    Args:
        in_channels, out_channels: at least 1.
        stride: of `conv1` and of the shortcut's convolution.

    Attributes: `conv1`, `norm1`, `conv2`, `norm2`, `shortcut`, as in the table above.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            projection = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        correction = F.relu(self.norm1(self.conv1(x)))
        correction = self.norm2(self.conv2(correction))
        return F.relu(correction + self.shortcut(x))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_basic_block", "locked": true, "schema_version": 3, "solution": false}
def check_basic_block() -> None:
    for arguments, expected in [((32, 64, 2), 57_728), ((32, 32), 18_560)]:
        count = sum(p.numel() for p in BasicBlock(*arguments).parameters())
        assert count == expected, f"BasicBlock{arguments} has {count:,} parameters, expected {expected:,}"
    assert BasicBlock(3, 5, 2)(torch.rand(2, 3, 9, 12)).shape == (2, 5, 5, 6), "stride 2 halves, rounding up"
    assert BasicBlock(4, 4, 2)(torch.rand(2, 4, 8, 6)).shape == (2, 4, 4, 3), "the same width, but another size"
    still = BasicBlock(1, 1).eval()
    for conv in (still.conv1, still.conv2):
        nn.init.zeros_(conv.weight)
    with torch.no_grad():
        y = still(torch.tensor([[[[-1.0, 2.0]]]])).flatten().tolist()
    assert y == [0.0, 2.0], f"without a correction [-1, 2] becomes {y}, expected [0, 2]: ReLU of the shortcut"
    print("With zero weights the block is ReLU: a deep network may begin as a shallow one.")


check_basic_block()

# %% [markdown] nbgrader={"grade": false, "grade_id": "small_resnet_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. A small ResNet
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# ResNet-18 is made for large photographs. For 32×32 images the stem is one 3×3 convolution **without pooling**, and depth and width are shrunk:
#
# | attribute | what | channels | stride |
# |---|---|---|---|
# | `stem` | `nn.Sequential`: 3×3 convolution without bias, batch norm, ReLU | 3 → `widths[0]` | 1 |
# | `stages` | `nn.Sequential` with one `nn.Sequential` of `blocks` blocks for each width | previous → `widths[i]` | 1 in the first stage; in the others 2 **in the first block only** |
# | | mean over height and width | | |
# | `classifier` | `nn.Linear` | `widths[-1]` → `classes` | |
#
# Every block is `BasicBlock(in_channels, out_channels, stride)`. Define the attributes in the order of the table, since the course's weights are loaded in that order.
#
# *Worked numbers.* One block per stage at 32, 64, 128, 256: 1,228,970 parameters with 10 classes, 1,227,428 with 4. Two blocks at 16, 32, 64, 128: 701,466 with 10. A 32×32 image has maps of 32×32, 32×32, 16×16, 8×8 and 4×4
# after the stem and the four stages.
#
# <details><summary>Hint</summary>Keep a variable with the current number of channels. Only the first block of a stage changes it. A Python list of layers
# is not a part of the network: its parameters are not found, so wrap it in <code>nn.Sequential(*layers)</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "small_resnet", "locked": false, "schema_version": 3, "solution": true}
class SmallResNet(nn.Module):
    """ResNet-18 shrunk in depth and width: images `(N, 3, H, W)` in [0, 1] -> logits `(N, classes)`.

    Takes any height and width from 1 upwards.

    Args:
        classes: length of the logits.
        widths: channels of each stage, at least one stage.
        blocks: blocks in each stage, at least 1.

    Attributes: `stem`, `stages`, `classifier`, as in the table above.
    """

    def __init__(self, classes: int = 10, widths: tuple[int, ...] = (32, 64, 128, 256), blocks: int = 1):
        super().__init__()
        ### BEGIN SOLUTION
        convolution = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.stem = nn.Sequential(convolution, nn.BatchNorm2d(widths[0]), nn.ReLU())
        self.stages, channels, stride = nn.Sequential(), widths[0], 1
        for width in widths:
            first = BasicBlock(channels, width, stride)
            others = [BasicBlock(width, width) for _ in range(blocks - 1)]
            self.stages.append(nn.Sequential(first, *others))
            channels, stride = width, 2
        self.classifier = nn.Linear(channels, classes)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        maps = self.stages(self.stem(images))
        return self.classifier(maps.mean(dim=(2, 3)))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_small_resnet", "locked": true, "schema_version": 3, "solution": false}
def check_small_resnet() -> None:
    network = SmallResNet()
    count = sum(p.numel() for p in network.parameters())
    assert count == 1_228_970, f"{count:,} parameters, expected 1,228,970: look at biases, shortcuts and widths"
    deeper = sum(p.numel() for p in SmallResNet(10, (16, 32, 64, 128), 2).parameters())
    assert deeper == 701_466, f"{deeper:,} parameters with two blocks a stage, expected 701,466"
    assert network.eval()(torch.rand(2, 3, 8, 12)).shape == (2, 10), "two images, ten logits each, whatever their size"
    for number, stage in enumerate(network.stages, start=1):
        share = sum(p.numel() for p in stage.parameters()) / count
        print(f"stage {number}: {share:6.1%} of the parameters")


check_small_resnet()

# %% [markdown] nbgrader={"grade": false, "grade_id": "rotate_batch_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. A task out of nothing
# *Difficulty ●○○○ · importance ●●●○ · 15 minutes*
#
# Turn every image of a batch by 0°, 90°, 180° and 270° **anticlockwise** (as you see it, first row on top). The label is the number of quarter turns.
# First come all images unturned, then all of them turned by 90°, and so on: image $n$ turned by $k$ quarters stands at place $kN + n$, and its label is $k$.
#
# *Worked numbers.*
#
# $$\begin{bmatrix}1&2\\3&4\end{bmatrix} \xrightarrow{90°} \begin{bmatrix}2&4\\1&3\end{bmatrix} \xrightarrow{90°} \begin{bmatrix}4&3\\2&1\end{bmatrix} \xrightarrow{90°} \begin{bmatrix}3&1\\4&2\end{bmatrix}$$
#
# <details><summary>Hint</summary>A transposed image is mirrored, not turned. <code>torch.rot90(x, k, dims)</code> turns from the first of the two dimensions towards the
# second; try it on the numbers above.</details>


# %% nbgrader={"grade": false, "grade_id": "rotate_batch", "locked": false, "schema_version": 3, "solution": true}
def rotate_batch(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """All four rotations of square images, and by how many quarter turns each was rotated.

    Args:
        images: `(N, C, S, S)`; left unchanged.

    Returns:
        images `(4N, C, S, S)` of the same dtype: all N turned by 0°, then all by 90° anticlockwise, by 180°, by 270°;
        labels int64 `(4N,)`: N zeros, N ones, N twos, N threes.
    """
    ### BEGIN SOLUTION
    turned = [torch.rot90(images, k, dims=(2, 3)) for k in range(4)]
    labels = torch.arange(4, device=images.device).repeat_interleave(len(images))
    return torch.cat(turned), labels
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_rotate_batch", "locked": true, "schema_version": 3, "solution": false}
def check_rotate_batch() -> None:
    one = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    turned, labels = rotate_batch(torch.cat([one, 10 * one]))
    assert turned.shape == (8, 1, 2, 2), "two images in, eight out"
    assert labels.dtype == torch.int64, "labels are int64"
    assert labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3], "all by 0°, then all by 90°, …"
    assert turned[2, 0].tolist() == [[2, 4], [1, 3]], "the first image by 90° anticlockwise stands at place 2"
    assert turned[5, 0].tolist() == [[40, 30], [20, 10]], "the second image by 180° stands at place 5"
    assert turned[6, 0].tolist() == [[3, 1], [4, 2]], "the first image by 270° stands at place 6"
    print(f"A network that guesses has the loss ln 4 = {math.log(4):.3f}; on images of discs no network gets below it.")


check_rotate_batch()

# %% [markdown] nbgrader={"grade": false, "grade_id": "truth_text", "locked": true, "schema_version": 3, "solution": false}
# ### The truth about your predictions
#
# Measured with what you have written. Were you right for the reason that you gave?


# %% tags=["check"] nbgrader={"grade": false, "grade_id": "truth", "locked": true, "schema_version": 3, "solution": false}
def show_truth() -> None:
    if not opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        return
    network = SmallResNet()
    held = sum(p.numel() for p in network.stages[-1].parameters()) / sum(p.numel() for p in network.parameters())
    print(f"1: the last stage holds {held:.1%} of all parameters")
    arrow, disc = torch.zeros(2, 1, 1, 9, 9)
    arrow[..., 1:8, 4], arrow[..., 2, 3:6] = 1, 1
    y, x = torch.meshgrid(torch.arange(9) - 4, torch.arange(9) - 4, indexing="ij")
    disc[..., x**2 + y**2 <= 9] = 1
    best = [len({tuple(turn.flatten().tolist()) for turn in rotate_batch(image)[0]}) / 4 for image in (arrow, disc)]
    print(
        f"2: of its turns one can tell {best[0]:.0%} for the arrow and {best[1]:.0%} for the disc: together {sum(best) / 2:.1%}"
    )
    with torch.no_grad():
        sides = [network.stages(network.stem(torch.zeros(1, 3, side, side))).shape[-1] for side in (32, 64)]
    print(f"3: maps of {sides[0]}×{sides[0]} positions from 32×32, {sides[1]}×{sides[1]} from 64×64")


show_truth()

# %% [markdown] nbgrader={"grade": false, "grade_id": "penultimate_features_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. Take the features out
# *Difficulty ●●●○ · importance ●●●● · 35 minutes*
#
# The numbers that go **into the last linear layer** are the network's summary of an image. Write a function that gets them out of *any*
# network whose classifier is an `nn.Linear`, whatever its attributes are called and whatever its `forward` does: the last `nn.Linear` in
# `model.modules()` is the one. Use a hook, and **leave no trace**:
#
# * features are those of **eval mode**, without a graph for gradients (`requires_grad` is false);
# * afterwards every part of the model is in the mode it was in, and no hook is left.
#
# *Worked numbers.* `nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3))` with the first weight the identity and bias 0 makes $[[-1, 5]]$ into the features $[[0, 5]]$: what enters
# the *last* linear layer, not what leaves it.
#
# <details><summary>Hint 1</summary><code>handle = layer.register_forward_pre_hook(f)</code> calls <code>f(layer, inputs)</code> before the layer runs; <code>inputs</code> is a tuple. <code>handle.remove()</code> ends that;
# <code>with layer.register_forward_pre_hook(f):</code> ends it by itself.</details>
# <details><summary>Hint 2</summary><code>nn.Sequential(*list(model.children())[:-1])</code> runs the parts one after the other. What does it know of a mean or a sum that is written in <code>forward</code>?</details>
# <details><summary>Hint 3</summary>A caller may have frozen one batch norm with <code>.eval()</code> inside a network in train mode, so note the mode of <i>each</i> module.</details>


# %% nbgrader={"grade": false, "grade_id": "penultimate_features", "locked": false, "schema_version": 3, "solution": true}
def penultimate_features(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """What enters the model's last `nn.Linear`, in eval mode.

    Args:
        model: any module that calls at least one `nn.Linear`; left as it was found: modes, hooks, weights, gradients.
        images: whatever the model takes, N of them.

    Returns:
        Features `(N, D)`, with `requires_grad` false.
    """
    ### BEGIN SOLUTION
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    modes = {module: module.training for module in model.modules()}
    seen: list[torch.Tensor] = []
    with last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0])), torch.no_grad():
        model.eval()(images)
    for module, mode in modes.items():
        module.training = mode
    return seen[0]
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_penultimate_features", "locked": true, "schema_version": 3, "solution": false}
def check_penultimate_features() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5), nn.ReLU(), nn.Linear(2, 3))
    nn.init.eye_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    found = penultimate_features(model, torch.tensor([[-1.0, 5.0]]))
    assert found.shape == (1, 2), "two numbers enter the last linear layer; three leave it"
    assert found.tolist() == [[0.0, 5.0]], f"{found.tolist()}, expected [[0, 5]]: in eval mode dropout does nothing"
    assert not found.requires_grad, "features for looking at need no graph: torch.no_grad()"
    assert model.training, "the model was in train mode and should be again"
    left = len(model[3]._forward_pre_hooks) + len(model[3]._forward_hooks)
    assert left == 0, "a hook is left on the last layer: remove it by its handle"
    print("Features", found.tolist(), "and the model is as it was.")


check_penultimate_features()

# %% [markdown] nbgrader={"grade": false, "grade_id": "class_activation_map_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. Where does it look?
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# The classifier sees the *mean* of each map. Sums may be done in any order, so the logit of class $c$ is the mean of one map, the **class activation map** (Zhou et al., 2016):
#
# $$\text{logit}_c = b_c + \sum_k w_{ck} \,\underbrace{\frac{1}{hw}\sum_{p} f_k(p)}_{\text{mean of map } k} \;=\; b_c + \frac{1}{hw}\sum_{p} M_c(p), \qquad M_c(p) = \sum_k w_{ck}\, f_k(p)$$
#
# **Why a ResNet makes this easy.** Between its last maps and a logit there is a mean and one linear layer: sums and nothing else, so their order may be exchanged, and the map needs no approximation. That is a matter of the *end* of the network, not of its shortcuts; the
# baseline of assignment 01 ends in the same way. Older networks (AlexNet, VGG) flatten the last maps and have three linear layers with ReLUs between them: the sums cannot be exchanged with a ReLU, and Zhou et al. had to give such networks another end and train them
# again. Methods for any end, such as Grad-CAM, put a gradient in the place of $w_{ck}$, which is exact only where the end is linear.
#
# `activation_map` gives $M_c$, without the bias. `class_activation_map` makes a picture of it:
#
# 1. enlarge $M_c$ to `size` **bilinearly** (`mode="bilinear", align_corners=False`);
# 2. then shift and scale, so that the smallest value is 0 and the largest 1. A map that is the same everywhere becomes all 0 (not NaN).
#
# *Worked numbers.* Two maps $f_1 = \begin{bmatrix}1&0\\0&0\end{bmatrix}$, $f_2 = \begin{bmatrix}0&0\\0&2\end{bmatrix}$ and weights $[3, -1]$ give
# $M = \begin{bmatrix}3&0\\0&-2\end{bmatrix}$, whose mean is $0.25 = 3 \cdot 0.25 - 1 \cdot 0.5$. At size 2×2 the picture is $\begin{bmatrix}1&0.4\\0.4&0\end{bmatrix}$.
#
# <details><summary>Hint 1</summary><code>torch.einsum("k,khw->hw", …)</code> says the formula; a product with <code>weight[label][:, None, None]</code> and a sum does it too.</details>
# <details><summary>Hint 2</summary><code>F.interpolate</code> wants a batch and channels: <code>(1, 1, h, w)</code>. Its <code>size</code> is height first.</details>


# %% nbgrader={"grade": false, "grade_id": "class_activation_map", "locked": false, "schema_version": 3, "solution": true}
def activation_map(features: torch.Tensor, weight: torch.Tensor, label: int) -> torch.Tensor:
    """The map whose mean, plus the bias, is the class's logit.

    Args:
        features: float `(K, h, w)`, the last maps of one image.
        weight: float `(classes, K)`, of the linear layer behind their mean.
        label: the class, in 0..classes−1.

    Returns:
        `(h, w)`.
    """
    ### BEGIN SOLUTION
    return torch.einsum("k,khw->hw", weight[label], features)
    ### END SOLUTION


def class_activation_map(
    features: torch.Tensor, weight: torch.Tensor, label: int, size: tuple[int, int]
) -> torch.Tensor:
    """`activation_map`, enlarged bilinearly and then scaled to [0, 1].

    Args:
        features, weight, label: as above.
        size: height and width of the picture.

    Returns:
        `size`, smallest value 0, largest 1; all 0 where the map is constant.
    """
    ### BEGIN SOLUTION
    raw = activation_map(features, weight, label)
    large = F.interpolate(raw[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    low, high = large.min(), large.max()
    return (large - low) / (high - low).clamp_min(1e-12)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_class_activation_map", "locked": true, "schema_version": 3, "solution": false}
def check_class_activation_map() -> None:
    maps = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]])
    weight, bias = torch.tensor([[3.0, -1.0], [0.0, 0.0]]), torch.tensor([0.5, 0.0])
    raw = activation_map(maps, weight, 0)
    assert raw.tolist() == [[3, 0], [0, -2]], f"{raw.tolist()}, expected [[3, 0], [0, -2]]"
    logits = F.linear(maps.mean(dim=(1, 2)), weight, bias)
    assert torch.isclose(raw.mean() + bias[0], logits[0]), "the mean of the map plus the bias is the logit"
    picture = class_activation_map(maps, weight, 0, (2, 2))
    assert torch.allclose(picture, torch.tensor([[1.0, 0.4], [0.4, 0.0]])), f"{picture.tolist()}: scale to [0, 1]"
    assert class_activation_map(maps, weight, 0, (3, 5)).shape == (3, 5), "height, then width"
    assert class_activation_map(maps, weight, 1, (2, 2)).tolist() == [[0, 0], [0, 0]], "a constant map becomes 0"
    for row in class_activation_map(maps, weight, 0, (6, 12)).tolist():
        print("".join(" ░▒▓█"[min(int(5 * value), 4)] for value in row))


check_class_activation_map()

# %% [markdown] nbgrader={"grade": false, "grade_id": "nearest_neighbours_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. Who is alike?
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# For each query the $k$ nearest rows of a gallery, nearest first, with their distances:
#
# $$d_{\text{euclidean}}(q, g) = \lVert q - g \rVert_2 \qquad\qquad d_{\text{cosine}}(q, g) = 1 - \frac{q \cdot g}{\lVert q \rVert_2\, \lVert g \rVert_2}$$
#
# The Euclidean distance is the plain one, **not its square**. A row of zeros has the cosine distance 1 from everything. Where distances are equal, any order will do.
# A thousand queries against ten thousand rows are ten million pairs: **no Python loop over pairs** (a loop over queries is fine).
#
# *Worked numbers.* Query $[3, 4]$, gallery $[3, 0]$, $[0, 4]$, $[6, 8]$: Euclidean distances 4, 3, 5, cosine distances 0.4, 0.2, 0. The nearest is row 1 by one, row 2 by the other: the cosine does not see length.
#
# <details><summary>Hint 1</summary><code>torch.cdist</code> for one metric, <code>F.normalize(x, dim=1)</code> and a matrix product for the other: which dimension is an image?</details>
# <details><summary>Hint 2</summary><code>topk(k, largest=False)</code> gives values and indices, sorted.</details>


# %% nbgrader={"grade": false, "grade_id": "nearest_neighbours", "locked": false, "schema_version": 3, "solution": true}
def nearest_neighbours(
    queries: torch.Tensor, gallery: torch.Tensor, k: int, metric: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """The k rows of the gallery nearest to each query.

    Args:
        queries: float `(Q, D)`; left unchanged.
        gallery: float `(G, D)`; left unchanged.
        k: how many, in 1..G.
        metric: "euclidean" or "cosine".

    Returns:
        distances `(Q, k)`, smallest first, and indices int64 `(Q, k)` of the gallery's rows.
    """
    ### BEGIN SOLUTION
    if metric == "euclidean":
        distances = torch.cdist(queries, gallery)
    else:
        distances = 1 - F.normalize(queries, dim=1) @ F.normalize(gallery, dim=1).T
    nearest = distances.topk(k, dim=1, largest=False)
    return nearest.values, nearest.indices
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_nearest_neighbours", "locked": true, "schema_version": 3, "solution": false}
def check_nearest_neighbours() -> None:
    query, gallery = torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 0.0], [0.0, 4.0], [6.0, 8.0]])
    for metric, distances, indices in [("euclidean", [3, 4, 5], [1, 0, 2]), ("cosine", [0, 0.2, 0.4], [2, 1, 0])]:
        found, places = nearest_neighbours(query, gallery, 3, metric)
        assert found.shape == (1, 3), "one row for each query"
        assert torch.allclose(found[0], torch.tensor(distances).float(), atol=1e-5), f"{metric}: {found.tolist()}"
        assert places.tolist() == [indices], f"{metric}: {places.tolist()}, expected [{indices}]"
        print(f"{metric:9}: rows {places[0].tolist()} at {[round(d, 3) for d in found[0].tolist()]}")


check_nearest_neighbours()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_knn_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. Repair a classifier
# *Difficulty ●●●○ · importance ●●○○ · 30 minutes*
#
# Neighbours can vote: the class of an image is the most frequent one among the $k$ images nearest to it by cosine distance. To measure how
# good a representation is, every image of a set is classified by **the others** (leave one out).
#
# Below is such a classifier with an impressive score, even for random labels. It is wrong in **three** places. Run the symptoms, find the causes, write `knn_classify`.
#
# *Worked numbers.* Features $[1,0]$, $[9,1]$, $[3,1]$, $[1,3]$, $[0,1]$ with labels 0, 0, 7, 7, 7 and $k = 3$ give 7, 7, 0, 7, 7: the first image has the neighbours 0, 7, 7, the third 0, 0, 7. Where two classes
# have equally many votes, either will do.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_knn", "locked": true, "schema_version": 3, "solution": false}
def broken_knn_classify(features: torch.Tensor, labels: torch.Tensor, k: int) -> torch.Tensor:
    """Wrong on purpose, three times."""
    scaled = F.normalize(features, dim=0)
    neighbours = torch.topk(scaled @ scaled.T, k).indices
    return labels[neighbours].float().mean(dim=1).round().long()


def show_symptoms() -> None:
    generator = torch.Generator().manual_seed(0)
    features, labels = torch.randn(200, 64, generator=generator), torch.randint(10, (200,), generator=generator)
    before = broken_knn_classify(features, labels, 1)
    print(f"random labels, k = 1: {(before == labels).float().mean():.0%} right, expected about 10 %")
    longer = features * torch.linspace(1, 20, 200)[:, None]  # the cosine does not see length
    changed = (broken_knn_classify(longer, labels, 3) != broken_knn_classify(features, labels, 3)).sum()
    print(f"images made longer or shorter: {changed} of 200 answers change, expected 0")
    rows = torch.tensor([[1.0, 0.0], [9.0, 1.0], [3.0, 1.0], [1.0, 3.0], [0.0, 1.0]])
    print("worked example, expected 7 7 0 7 7:", *broken_knn_classify(rows, torch.tensor([0, 0, 7, 7, 7]), 3).tolist())


show_symptoms()


# %% nbgrader={"grade": false, "grade_id": "repair_knn", "locked": false, "schema_version": 3, "solution": true}
def knn_classify(features: torch.Tensor, labels: torch.Tensor, k: int) -> torch.Tensor:
    """The class that each image's k nearest other images vote for, by cosine distance.

    Args:
        features: float `(N, D)`, no row of zeros; left unchanged.
        labels: int64 `(N,)`, at least 0; any number of classes.
        k: how many neighbours, in 1..N−1. An image is never its own neighbour.

    Returns:
        int64 `(N,)`: the most frequent label among the k neighbours.
    """
    ### BEGIN SOLUTION
    unit = F.normalize(features, dim=1)
    similarity = (unit @ unit.T).fill_diagonal_(-torch.inf)
    nearest = similarity.topk(k, dim=1).indices
    return labels[nearest].mode(dim=1).values
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_knn", "locked": true, "schema_version": 3, "solution": false}
def check_repair_knn() -> None:
    rows = torch.tensor([[1.0, 0.0], [9.0, 1.0], [3.0, 1.0], [1.0, 3.0], [0.0, 1.0]])
    found = knn_classify(rows, torch.tensor([0, 0, 7, 7, 7]), 3)
    assert found.tolist() == [7, 7, 0, 7, 7], f"{found.tolist()}, expected [7, 7, 0, 7, 7]"
    generator = torch.Generator().manual_seed(0)
    features, labels = torch.randn(200, 64, generator=generator), torch.randint(10, (200,), generator=generator)
    share = (knn_classify(features, labels, 1) == labels).float().mean().item()
    assert share < 0.25, f"{share:.0%} of random labels guessed: does an image vote for itself?"
    print(f"random labels: {share:.0%} right, as it should be")


check_repair_knn()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_text", "locked": true, "schema_version": 3, "solution": false}
# ## 9. Two networks, and a third that learnt nothing
# *Minutes on a GPU; about a minute with the course's weights or the small images*
#
# Three copies of your ResNet: one trained on labels, one on rotations only (your `rotate_batch`), one with the random weights it was born with. Where the course's weights are at hand, they
# are loaded into *your* network, layer by layer in order; set `FROM_SCRATCH = True` to train both yourself.
#
# **Before you run:** after which stage will a linear layer read the *class* best from the rotation network? Note your guess and your reason in part 14 now.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_training", "locked": true, "schema_version": 3, "solution": false}
FROM_SCRATCH = False  # True: train both networks here, also where the course's weights are at hand


def load_images() -> tuple[str, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Name of the data; training images and labels; test images and labels. Images `(N, 3, H, W)` in [0, 1]."""
    if not FAST:
        from cifar10_images import announce_stand_in, load_cifar10

        try:
            (x, y), (x_test, y_test) = [(x.permute(0, 3, 1, 2) / 255, y) for x, y in map(load_cifar10, (True, False))]
            return "CIFAR-10", x, y, x_test, y_test
        except OSError as problem:
            announce_stand_in("CIFAR-10", problem)
    n_train, n_test = (400, 200) if FAST else (2000, 1000)
    return "small images", *small_images(n_train, seed=0), *small_images(n_test, seed=1)


def batches(images: torch.Tensor, labels: torch.Tensor, size: int = 64):
    """A loader: one pass over the data in a new order, half of the images mirrored."""
    for chosen in torch.randperm(len(images)).split(size):
        x = images[chosen].to(device)
        flip = torch.rand(len(x), 1, 1, 1, device=device) < 0.5
        yield torch.where(flip, x.flip(-1), x), labels[chosen].to(device)


# Loss after each epoch while the course's networks were trained, on the training images and on 5,000 held out: of their cards.
CARD_LOSSES = {
    "labels": ([1.73, 1.32, 1.19, 0.92, 0.79, 0.71, 0.65, 0.60, 0.56, 0.53, 0.49, 0.46, 0.37, 0.31, 0.27, 0.23],
               [3.77, 1.42, 1.32, 0.99, 1.24, 1.00, 0.81, 0.85, 0.85, 0.60, 0.68, 0.62, 0.47, 0.37, 0.35, 0.31]),
    "rotations": ([1.25, 1.16, 1.11, 0.95, 0.88, 0.83, 0.80, 0.76, 0.72, 0.63, 0.58],
                  [1.34, 1.15, 1.14, 1.03, 0.84, 0.88, 0.82, 0.73, 0.70, 0.64, 0.52]),
}  # fmt: skip


def loss_on(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, rotations: bool) -> float:
    """Mean loss in eval mode, on the labels or on all four rotations."""
    network.eval()
    losses = []
    with torch.no_grad():
        for x, y in zip(images.split(125), labels.split(125), strict=True):
            x, y = rotate_batch(x.to(device)) if rotations else (x.to(device), y.to(device))
            losses.append(F.cross_entropy(network(x), y, reduction="none").cpu())
    return torch.cat(losses).mean().item()


def fit(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, rotations: bool) -> nn.Module:
    """Train on the labels, or on rotations of the images without looking at labels; every tenth image is held out.

    Returns the network, in eval mode; `network.losses` holds the losses after each epoch: trained on, held out.
    """
    held, kept = slice(0, None, 10), torch.arange(len(images)) % 10 != 0
    held_images, held_labels, images, labels = images[held], labels[held], images[kept], labels[kept]
    network.to(device).losses = ([], [])
    steps = epochs * math.ceil(len(images) / 64)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=steps)
    for epoch in with_bar(range(epochs), "rotations, epochs" if rotations else "labels, epochs"):
        right = count = 0
        total = 0.0
        network.train()
        for x, y in batches(images, labels):
            if rotations:
                x, y = rotate_batch(x)
            logits = network(x)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            right, count, total = (
                right + int((logits.argmax(1) == y).sum()),
                count + len(y),
                total + loss.item() * len(y),
            )
        network.losses[0].append(total / count)
        network.losses[1].append(loss_on(network, held_images, held_labels, rotations))
        print(f"{'rotations' if rotations else 'labels'}: epoch {epoch + 1} of {epochs}, {right / count:.1%} right")
    return network.eval()


def load_in_order(network: nn.Module, state: dict[str, torch.Tensor]) -> nn.Module:
    """Copy weights into a network with the same layers in the same order, whatever they are called. In eval mode."""
    own = network.state_dict()
    if [tensor.shape for tensor in own.values()] != [tensor.shape for tensor in state.values()]:
        raise ValueError("The course's weights do not fit your SmallResNet: are its layers in the order of the tables?")
    network.load_state_dict(dict(zip(own, state.values(), strict=True)))
    return network.to(device).eval()


def ready(*names: str) -> None:
    """Raise NotImplementedError, with what to do, where a result of an earlier cell is not there yet."""
    missing = [name for name in names if name not in globals()]
    if missing:
        raise NotImplementedError(f"no {', '.join(missing)} yet: fill parts 2 to 8, then run the cells of part 9 on")


@torch.no_grad()
def stage_maps(network: nn.Module, images: torch.Tensor) -> list[torch.Tensor]:
    """Maps `(N, C, h, w)` after the stem and after each stage; the network is in eval mode."""
    maps = [network.stem(images.to(device))]
    for stage in network.stages:
        maps.append(stage(maps[-1]))
    return maps


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
data_name, images, labels, test_images, test_labels = load_images()
real = data_name == "CIFAR-10"
widths = (32, 64, 128, 256) if real else (16, 32, 64, 128)  # the small images are learnt by a narrower network
networks = {}
for title, classes, name in [("labels", 10, "resnet_supervised"), ("rotations", 4, "resnet_rotation")]:
    torch.manual_seed(0)
    network = SmallResNet(classes, widths)
    try:
        if FROM_SCRATCH or not real:
            raise FileNotFoundError("trained here")
        from pretrained import load_state

        networks[title] = load_in_order(network, load_state(name))
        networks[title].losses = CARD_LOSSES[title]
    except (ImportError, FileNotFoundError) as reason:
        print(f"{title}: {reason}")
        epochs = {"labels": 12, "rotations": 6} if real else {"labels": 5, "rotations": 3}
        networks[title] = fit(network, images, labels, 2 if FAST else epochs[title], title == "rotations")
torch.manual_seed(1)
networks["untrained"] = SmallResNet(10, widths).to(device).eval()

with torch.no_grad():
    logits = torch.cat([networks["labels"](x.to(device)).cpu() for x in test_images.split(250)])
    turned, quarters = rotate_batch(test_images[: 250 if FAST else 1000])
    turn_logits = torch.cat([networks["rotations"](x.to(device)).cpu() for x in turned.split(250)])
print(f"{data_name}: {(logits.argmax(1) == test_labels).float().mean():.1%} of the classes right")
print(f"{data_name}: {(turn_logits.argmax(1) == quarters).float().mean():.1%} of the rotations right")

# %% [markdown] nbgrader={"grade": false, "grade_id": "curves_text", "locked": true, "schema_version": 3, "solution": false}
# ### How they learnt
#
# The loss of both tasks, epoch by epoch, on the images they were trained on and on images that were held out. The dotted line is the loss of a network that guesses:
# $\ln 10$ for ten classes, $\ln 4$ for four turns. The course's networks saw smaller images in their first epochs, hence the steps.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_losses", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

ready("turn_logits")
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for axis, (title, classes) in zip(axes, (("labels", 10), ("rotations", 4)), strict=True):
    for losses, style, word in zip(networks[title].losses, ("-", "--"), ("trained on", "held out"), strict=True):
        axis.plot(range(1, len(losses) + 1), losses, style, label=word)
    least = min(range(len(losses)), key=losses.__getitem__)
    axis.plot(least + 1, losses[least], "o", color="C1", label=f"least held-out loss: epoch {least + 1}")
    axis.axhline(math.log(classes), color="grey", linestyle=":", label="a guess")
    axis.set(xlabel="epoch", ylabel="loss", title=f"learns from {title}", ylim=(0, 2.6))
    axis.locator_params(axis="x", integer=True)
    axis.legend(fontsize=7, loc="upper right")
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "maps_text", "locked": true, "schema_version": 3, "solution": false}
# ### Where do they look?
#
# Top: a test image of each class, with its number. Middle: what speaks for the class that the first network chose. Bottom: what tells the second network that the image is upright. Change `shown` until you have your favourites for part 13.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_maps", "locked": true, "schema_version": 3, "solution": false}
ready("logits", "turn_logits")
photographs = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
drawings = ("disc", "ring", "square", "triangle", "cross", "bar", "stripes", "checks", "dots", "two discs")
names = photographs if real else drawings
shown = [int((test_labels == c).nonzero()[0]) for c in range(10)]  # the first test image of each class
size = tuple(test_images.shape[2:])
figure, axes = plt.subplots(3, len(shown), figsize=(1.1 * len(shown), 3.8), layout="constrained")
for column, i in zip(axes.T, shown, strict=True):
    column[0].set_title(f"{i}: {names[test_labels[i]]}", fontsize=8)
    column[1].set_title(f"→ {names[logits[i].argmax()]}", fontsize=8)
    choices = [("labels", int(logits[i].argmax())), ("rotations", 0)]
    pictures = []
    for title, label in choices:
        maps = stage_maps(networks[title], test_images[i : i + 1])[-1][0]
        pictures.append(class_activation_map(maps, networks[title].classifier.weight.detach(), label, size).cpu())
    for axis, picture in zip(column, [None, *pictures], strict=True):
        axis.imshow(test_images[i].permute(1, 2, 0))
        if picture is not None:
            axis.imshow(picture, cmap="inferno", alpha=0.6)
        axis.set(xticks=[], yticks=[])
for axis, text in zip(axes[:, 0], ("image", "labels: its class", "rotations: “upright”"), strict=True):
    axis.set_ylabel(text, fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "filters_text", "locked": true, "schema_version": 3, "solution": false}
# ### What do the first layers look for?
#
# For each network: the 32 filters of its stem as colours (each filter stretched to its own range), and what eight of the maps after the stem and after stage 1 show of one image.
# A filter of 3×3 pixels has little room for a picture: look for edges, for pairs of opposite colours, and for filters that are alike in both networks.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_filters", "locked": true, "schema_version": 3, "solution": false}
ready("turn_logits")
image = test_images[shown[3] : shown[3] + 1]


def as_pictures(filters: torch.Tensor) -> torch.Tensor:
    """Filters `(N, 3, k, k)` -> `(N, k, k, 3)`, each stretched to [0, 1]."""
    low, high = filters.amin((1, 2, 3), keepdim=True), filters.amax((1, 2, 3), keepdim=True)
    return ((filters - low) / (high - low).clamp_min(1e-6)).permute(0, 2, 3, 1)


def sheet(pictures: torch.Tensor, columns: int) -> torch.Tensor:
    """Pictures `(N, h, w, 3)` side by side in rows of `columns`, with a white line between them."""
    framed = F.pad(pictures, (0, 0, 0, 1, 0, 1), value=1.0)
    rows = [torch.cat(list(row), dim=1) for row in framed.split(columns)]
    return torch.cat(rows)


figure, axes = plt.subplots(2, 3, figsize=(9, 3.6), layout="constrained")
for row, title in zip(axes, ("labels", "rotations"), strict=True):
    network = networks[title]
    convolution = next(layer for layer in network.stem.modules() if isinstance(layer, nn.Conv2d))
    row[0].imshow(sheet(as_pictures(convolution.weight.detach().cpu()), 8))
    row[0].set_ylabel(f"learnt from {title}", fontsize=8)
    for axis, maps, word in zip(row[1:], stage_maps(network, image), ("the stem", "stage 1"), strict=False):
        strongest = maps[0].flatten(1).std(dim=1).argsort(descending=True)[:8]
        pictures = as_pictures(maps[0, strongest, None].cpu().expand(-1, 3, -1, -1))
        axis.imshow(sheet(pictures, 4))
        axis.set_title(f"eight maps after {word}", fontsize=8)
    row[0].set_title("filters of the stem", fontsize=8)
    for axis in row:
        axis.set(xticks=[], yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "stem_text", "locked": true, "schema_version": 3, "solution": false}
# ### A first layer with room for pictures
# *Three to six minutes on a processor*
#
# Larger networks begin with filters of 7×7 pixels. Two small networks of this kind learn your labels from 10,000 images: the ordinary way, and with a stem that begins at a tenth of its usual size and
# is pulled to zero four times as hard (weight decay 2e-3). "Smooth" is the share of a filter's power at low frequencies, 17 % for random numbers.
#
# *Think:* which of what you see now was in the images, and which did we choose? <details><summary>Hint</summary>Weight decay removes what the loss does not ask for: fine noise in a filter costs as much as an edge
# and helps less. A small start leaves less noise to be removed. Edges and colours come from the images; that the rest is smooth is our choice.</details>

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_stem", "locked": true, "schema_version": 3, "solution": false}
ready("turn_logits")


def train_stem(scale: float, decay: float, epochs: int) -> tuple[torch.Tensor, float]:
    """Train a stem of 7×7 filters and two layers on labels; returns the filters `(64, 3, 7, 7)` and the test accuracy."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    for before, after in ((64, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)).to(device)
    stem = network[0].weight
    with torch.no_grad():
        stem.mul_(scale)
    rest = [parameter for parameter in network.parameters() if parameter is not stem]
    groups = [{"params": [stem], "weight_decay": decay}, {"params": rest, "weight_decay": 5e-4}]
    optimizer = torch.optim.SGD(groups, lr=0.2, momentum=0.9, nesterov=True)
    few, few_labels = images[:10_000], labels[:10_000]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=epochs * math.ceil(len(few) / 128))
    side = few.shape[-1]
    for _ in with_bar(range(epochs), "filters, epochs"):
        for x, y in batches(few, few_labels, 128):
            top, left = torch.randint(9, (2,)).tolist()  # a crop, the same for the whole batch
            x = F.pad(x, (4, 4, 4, 4))[:, :, top : top + side, left : left + side]
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        found = torch.cat([network(x.to(device)).argmax(1).cpu() for x in test_images.split(500)])
    return stem.detach().cpu(), (found == test_labels).float().mean().item()


def smoothness(filters: torch.Tensor) -> float:
    """Share of the power at low frequencies: the 3×3 slowest of 7×7, without the mean's."""
    power = torch.fft.fft2(filters).abs().square().mean(dim=(0, 1))
    power[0, 0] = 0
    slow = power[[0, 1, -1]][:, [0, 1, -1]].sum()
    return (slow / power.sum()).item()


figure, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
for axis, (word, scale, decay) in zip(
    axes, (("the ordinary way", 1.0, 5e-4), ("small start, strong decay", 0.1, 2e-3)), strict=True
):
    filters, accuracy = train_stem(scale, decay, 1 if FAST else 16)
    axis.imshow(sheet(as_pictures(filters), 8))
    axis.set_title(f"{word}: {smoothness(filters):.0%} smooth, {accuracy:.0%} right", fontsize=9)
    axis.set(xticks=[], yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "extremes_text", "locked": true, "schema_version": 3, "solution": false}
# ### Which images have no up?
#
# Every test image was turned four ways; of each only the turn with its largest loss is shown. `extreme_examples` finds the images on which the rotation network is surest even then, and those
# on which it is most surely wrong. (This one is given.) What do those of the lower row have in common? You need two of them in part 13.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_extremes", "locked": true, "schema_version": 3, "solution": false}
def extreme_examples(losses: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices int64 `(k,)` of the k lowest losses, lowest first, and of the k highest, highest first; losses `(N,)`."""
    order = losses.argsort()
    return order[:k], order.flip(0)[:k]


# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_extremes", "locked": true, "schema_version": 3, "solution": false}
ready("turn_logits")
losses = F.cross_entropy(turn_logits, quarters, reduction="none").view(4, -1)  # a row for each turn
largest, turn = losses.max(dim=0)  # of each image
figure, axes = plt.subplots(2, 8, figsize=(9, 3), layout="constrained")
for row, chosen in zip(axes, extreme_examples(largest, 8), strict=True):
    for axis, i in zip(row, chosen.tolist(), strict=True):
        place = int(turn[i]) * losses.shape[1] + i  # all images by 0° come first, then all by 90°, …
        axis.imshow(turned[place].permute(1, 2, 0))
        told = f"{90 * turn[i]}° → {90 * turn_logits[place].argmax()}°"
        axis.set_title(f"{i}: {names[test_labels[i]]}\n{told}", fontsize=7)
        axis.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("surest", fontsize=8)
axes[1, 0].set_ylabel("surely wrong", fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "neighbours_text", "locked": true, "schema_version": 3, "solution": false}
# ## 10. Neighbours under both networks
#
# *Five to ten minutes on a processor: every training image goes through both networks*
#
# Five test images of five classes, each with its ten nearest among *all* training images, by cosine distance: left in the features of the first network, right in those of the second. A green frame marks the same class.

# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_features", "locked": true, "schema_version": 3, "solution": false}
ready("turn_logits")
n_gallery = 1000 if FAST else len(images)
gallery_images, gallery_labels = images[:n_gallery], labels[:n_gallery]
shown_images, shown_labels = test_images[:1000], test_labels[:1000]


def all_features(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Penultimate features `(N, D)` of any number of images, 250 at a time."""
    return torch.cat([penultimate_features(network, part.to(device)).cpu() for part in x.split(250)])


gallery = {title: all_features(networks[title], gallery_images) for title in ("labels", "rotations")}
features = {title: all_features(network, shown_images) for title, network in networks.items()}
for title, tests in features.items():
    share = (knn_classify(tests, shown_labels, 5) == shown_labels).float().mean()
    print(f"{title:9}: {share:.1%} of the test images have the class that their five nearest vote for")

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_neighbours", "locked": true, "schema_version": 3, "solution": false}
ready("features", "gallery")
of_class = [(shown_labels == c).nonzero().flatten() for c in list(dict.fromkeys(shown_labels.tolist()))[:5]]
queries = [int(found[own.nth % len(found)]) for found in of_class]  # your own five
figure, axes = plt.subplots(len(queries), 22, figsize=(14, 3.6), layout="constrained")
for row, query in zip(axes, queries, strict=True):
    pictures = [(shown_images[query], None)]
    for title in ("labels", "rotations"):
        _, places = nearest_neighbours(features[title][query : query + 1], gallery[title], 10, "cosine")
        pictures += [(gallery_images[i], bool(gallery_labels[i] == shown_labels[query])) for i in places[0].tolist()]
    pictures.insert(11, (None, None))  # a gap between the two networks
    same = [[good for _, good in pictures[a:b]].count(True) for a, b in ((1, 11), (12, 22))]
    print(
        f"{query}: {names[shown_labels[query]]:8} of its ten neighbours {same[0]} have its class under labels, {same[1]} under rotations"
    )
    for axis, (picture, same) in zip(row, pictures, strict=True):
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=same is not None, color="limegreen" if same else "lightgrey", linewidth=3)
        if picture is not None:
            axis.imshow(picture.permute(1, 2, 0))
    row[0].set_ylabel(names[shown_labels[query]], fontsize=8)
axes[0, 0].set_title("query", fontsize=8)
axes[0, 5].set_title("features learnt from labels", fontsize=8)
axes[0, 16].set_title("features learnt from rotations", fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "probe_text", "locked": true, "schema_version": 3, "solution": false}
# ## 11. Where did rotation put the knowledge?
#
# *Two to five minutes on a processor*
#
# A **linear probe**: after each stage, average the maps to 2×2 positions, freeze everything, and let a linear classifier read the *class*. What it reads was in the features; the probe is too
# simple to add anything. It is ridge regression, whose one knob is set by leaving out one training image at a time. Each probe is fitted to 5,000 training images and judged on *all* test images: on a
# thousand of them, chance alone moves it by one or two points, as much as the effect that you look for. Three different sets of 5,000 give a band.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_probe", "locked": true, "schema_version": 3, "solution": false}
def probe_accuracy(train: torch.Tensor, train_labels: torch.Tensor, test: torch.Tensor, test_labels: torch.Tensor):
    """Share of test rows `(M, D)` whose class a linear classifier, fitted to the training rows `(N, D)`, gets right."""
    from sklearn.linear_model import RidgeClassifierCV

    spread = train.std(dim=0).clamp_min(1e-6)
    probe = RidgeClassifierCV(alphas=(1.0, 10.0, 100.0, 1000.0)).fit((train / spread).numpy(), train_labels.numpy())
    return probe.score((test / spread).numpy(), test_labels.numpy())


def tsne_embedding(features: torch.Tensor, seed: int) -> torch.Tensor:
    """t-SNE: features `(N, D)`, N > 30 -> points `(N, 2)` that keep near neighbours near. Distances far apart mean little."""
    from sklearn.manifold import TSNE

    points = TSNE(init="pca", perplexity=30, random_state=seed).fit_transform(features.numpy())
    return torch.from_numpy(points)


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_probe", "locked": true, "schema_version": 3, "solution": false}
def pooled_stages(network: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """For the stem and each stage: features `(N, 4·C)`."""
    parts = [[F.adaptive_avg_pool2d(m, 2).flatten(1).cpu() for m in stage_maps(network, part)] for part in x.split(250)]
    return [torch.cat(stage) for stage in zip(*parts, strict=True)]


ready("turn_logits", "features")
n_fit, n_sets = (len(images) // 2, 2) if FAST else (min(5000, len(images) // 3), 3)
curves = {}  # network -> a row for each set of training images, a column for the stem and each stage
for title, network in networks.items():
    tests = pooled_stages(network, shown_images if FAST else test_images)
    rows = []
    for part in range(n_sets):
        chosen = slice(part * n_fit, (part + 1) * n_fit)
        pairs = zip(pooled_stages(network, images[chosen]), tests, strict=True)
        rows.append([100 * probe_accuracy(a, labels[chosen], b, test_labels[: len(b)]) for a, b in pairs])
    curves[title] = torch.tensor(rows)
    print(f"{title:9}:", "  ".join(f"{value:.1f} %" for value in curves[title].mean(dim=0).tolist()))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_probe", "locked": true, "schema_version": 3, "solution": false}
ready("curves")
figure, axis = plt.subplots(figsize=(4.8, 3), layout="constrained")
for (title, rows), marker in zip(curves.items(), "os^", strict=True):
    axis.plot(range(5), rows.mean(dim=0), marker=marker, label=title)
    axis.fill_between(range(5), rows.amin(dim=0), rows.amax(dim=0), alpha=0.3)
axis.axhline(10, color="grey", linestyle=":", label="chance")
axis.set(xticks=range(5), xticklabels=["stem", "1", "2", "3", "4"], xlabel="probe after stage", ylabel="accuracy, %")
axis.legend(fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "tsne_text", "locked": true, "schema_version": 3, "solution": false}
# ## 12. Both representations on one page
#
# t-SNE of the penultimate features of test images, coloured by class. Look at who is together, not at how far apart the groups are.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_tsne", "locked": true, "schema_version": 3, "solution": false}
ready("features")
n_points = 200 if FAST else 1000
figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for axis, title in zip(axes, ("labels", "rotations"), strict=True):
    points = tsne_embedding(features[title][:n_points], seed=0)
    for c in range(10):
        chosen = shown_labels[:n_points] == c
        axis.scatter(*points[chosen].T, s=8, color=f"C{c}", label=names[c])
    axis.set(xticks=[], yticks=[], title=f"learnt from {title}")
axes[1].legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "three_works", "locked": true, "schema_version": 3, "solution": false}
# ### Three later tasks out of nothing
#
# Rotation asks one thing of one image, and the answer is a number that you turned it by. Three works that came after it make their task otherwise. For each: what must the network know to solve it, and what may it forget?
#
# * **Which of you two belong together?** SimCLR (Chen et al., [*A Simple Framework for Contrastive Learning of Visual Representations*](https://arxiv.org/abs/2002.05709), 2020). Each photograph is cropped twice and its colours are changed twice; among all other images of the batch the network must find
#   the partner. The right answer comes from the *batch*, so large batches help. Crops alone are too easy: two crops of one photograph have the same colours (their section 3). And a small network stands between features and loss, which is thrown away afterwards: the
#   features *before* it are the better ones to read (section 4).
# * **What would you say if you saw more?** DINO (Caron et al., [*Emerging Properties in Self-Supervised Vision Transformers*](https://arxiv.org/abs/2104.14294), 2021). A student sees small crops and must answer as its teacher does for a large one; the teacher is a slow average of the student's own
#   weights. That is distillation (assignment 04) without a label and without other images to tell apart; the teacher's answers are centred and sharpened, or else both would soon say the same of everything. Nearest neighbours on its features classify well.
# * **What is behind the grey?** Masked autoencoders (He et al., [*Masked Autoencoders Are Scalable Vision Learners*](https://arxiv.org/abs/2111.06377), 2021). Three quarters of an image's patches are taken away; an encoder sees what is left, and a small decoder paints the missing pixels. Nothing is to be
#   *ignored* here, so hardly any augmentation is needed. Read by a linear probe such features are behind those of contrastive methods, and fine-tuned ahead of them (section 4).

# %% [markdown] nbgrader={"grade": true, "grade_id": "activation_maps", "locked": false, "schema_version": 3, "solution": true}
# ## 13. Three favourites and one surprise
# *35 minutes · graded by a person*
#
# From **your own** figures. Name your three favourite activation maps, of three classes, by the images' numbers, and say what each of the two networks looks at. Then one map
# that is counter-intuitive: what did you expect, what do you see, what could explain it, and what does an activation map *not* prove? Last, two images of part 9 on which the
# rotation network is surely wrong: why do they have no up, or what misleads it?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - favourites (1): three images of three classes by number, and for each what is bright under both networks; fits the figure.
# - difference (1): says how the networks differ, e.g. the one follows the object's distinctive parts, the other cues of gravity: heads, legs, sky, ground, horizon.
# - surprise (1): one map against expectation, with a possible cause (background that goes with the class, a 4×4 map that is coarse, scaling that shows a brightest spot even where all values are small); and the limit: it shows where evidence lies, not that it is needed; to test that, hide the region and look at the logit.
# - no up (1): two images of the lower row by number, each with a reason: seen from above, lying on its side, no ground in sight, ground of the colour of the sky, a turn that looks the same.
#
# *Full marks, for example.* Favourites: 1 (ship), 4 (frog) and 13 (horse). For the ship the first network is bright on the superstructure, the second on the hull and the water line below it; for the frog the
# first looks at its body, the second at the ground under it; for the horse the first at its neck and back, the second at its legs. So the first follows parts that tell the class, the second cues of
# gravity: legs, ground, water line. Surprise: for the plane, number 3, the second network is brightest in the empty sky above the fuselage. I expected the ground. Sky is above in most photographs, so an
# empty bright area tells the turn; also the map has 4×4 places, each a blurred quarter of the image, and scaling always makes something white. A map shows where evidence lies, not that it is needed: to
# test it I would cover that region with grey and look at the logit. No up: 783 is a frog seen from above on gravel, so that ground is on every side; 829 is a cat that lies on its side on a white cloth, which looks like sky.
#
# *Half marks, for example.* My favourites are the ship, the frog and the horse. The first network looks at the object and the second at the background. For the plane the map
# is not on the plane, which is surprising. The rotation network is wrong on 783 since the frog is seen from above. (*favourites half: nothing said of each; difference 1; surprise
# 0: no cause and no limit; no up half: one image. Two of four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "where_is_the_knowledge", "locked": false, "schema_version": 3, "solution": true}
# ## 14. Where did rotation put the knowledge?
# *30 minutes · graded by a person*
#
# Begin with the guess you noted before training. Then answer from **your own** figures, with numbers: after which stage does the probe read the class best, for each network, and
# what happens to the rotation network after that? Compare the neighbours of the five test images and the two t-SNE pictures: what had you expected, what not? Why does the untrained network do better than chance?
# Last, choose one of the three works above: would you expect a loss of accuracy after the last stage there, too?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - guess (1): a guess with a reason, whether right or not, and set against the outcome.
# - probe (1): reads the best stage of both networks with its accuracy; the network trained on labels rises to the end, the one trained on rotations peaks before its last stage or flattens there.
# - reason (1): the last stage serves its own task; what tells classes apart but not turns is dropped, while middle stages hold parts that serve both. And carries this over to one of the three works: what its task may forget at the end (SimCLR what crops and colours change, which is why its last layers are thrown away; a masked autoencoder what pixels do not need; DINO what differs between small and large crops). Half without the transfer; any work, and yes or no, if the reason is drawn from its task.
# - neighbours (1): names a neighbour alike in colour, pose or layout but of another class under the rotation network, and less clean groups in its t-SNE; the untrained network's random filters keep colour and coarse layout.
#
# *Full marks, for example.* My guess was stage 4, since deeper is better; wrong for the second network. The network of labels rises from 51 % after the stem to 89 % after
# stage 4; the one of rotations has 51, 55, 60, 63 and then 60 %: best after stage 3, and almost three points lost after it, more than its band is wide. The last stage serves its own task: for "which way is
# up" a cat's and a dog's ears are the same thing, so what tells them apart is dropped; middle stages hold parts that serve both. SimCLR should lose something, too: its last layers must say the same whatever the colours are, and colour tells frogs from deer; so the authors
# throw them away and read before them. All ten neighbours of the cat
# are cats under labels; under rotations three are, beside frogs and a dog that sit in the same pose, and the ship's are cars, vans and a fire engine, seen from the side before a bright sky. I had expected the t-SNE of the second
# to be mere noise, but vehicles and animals lie apart; within animals there are no groups. The untrained network has 48 % after stage 1 and loses from there, since random filters keep colour and coarse
# layout, and blue is often a ship.
#
# *Half marks, for example.* I guessed stage 4. The network of labels is best at the end with 88 %, the one of rotations in the middle. That is because the last stage is
# for rotations. The neighbours of the second network are often wrong. The t-SNE has no clear clusters. (*guess half: no reason; probe half: one number; reason half: no other task;
# neighbours half: none named. Two of four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 15. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** Why do the first blocks of stages 2 to 4 have a convolution in their shortcut?
#
# - **a** so that gradients do not vanish there
# - **b** because the sum needs both ways to have the same shape
# - **c** because batch norm needs a convolution before it on either way
# - **d** to make the network deeper

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "b"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** `batches` mirrors half of the images left to right, for both networks. What would turning half of them upside down do to the rotation network?
#
# - **a** make its features more robust, as every further augmentation of the training images does
# - **b** nothing: batch norm removes it
# - **c** double the number of classes it can tell apart
# - **d** make 0° and 180° look alike, so that it can be right on at most about half

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** VGG flattens its last maps and ends with three linear layers and ReLUs between them. Why does a ResNet have class activation maps for nothing, and VGG not?
#
# - **a** a ResNet has only sums behind its last maps, and their order may be exchanged; VGG has ReLUs there
# - **b** its shortcuts carry each place of the image to the last maps; without them a map no longer belongs to a place
# - **c** its last maps are never negative, so that their weighted sum can be scaled to [0, 1]
# - **d** its last maps are larger, so that they can still be enlarged to a picture

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** All features are scaled to length one. Which neighbours are nearest by the Euclidean distance?
#
# - **a** the farthest ones by the cosine distance
# - **b** others than by the cosine distance, in general: a length is no angle
# - **c** all are equally far
# - **d** the same as by the cosine distance, in the same order

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "d"  # |q − g|² = 2 − 2 q·g = 2 d_cosine
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5.** In a t-SNE picture, cats lie twice as far from ships as from dogs. What follows for the features?
#
# - **a** nothing certain: t-SNE keeps near neighbours near, not distances between groups
# - **b** cats and ships are twice as far apart there as cats and dogs
# - **c** a linear classifier tells cats from ships better than it tells cats from dogs, whatever it is trained on
# - **d** there are twice as many images of ships

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_5 = "a"
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
# * Hide the brightest region of an activation map with grey. Does the logit fall? By as much as the map promised?
# * Which of the ten classes of the small images have no up? Compute the best possible accuracy on rotations, then compare with the network's.
# * Shuffle the labels of the first network's training set and train again. What does the probe find now, and where?
