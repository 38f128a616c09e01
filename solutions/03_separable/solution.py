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
# # 03 · Separable convolutions: MobileNet
#
# *About four hours. A laptop is enough; a GPU makes the training cell quick.*
#
# In assignment 01 you built a network of eleven 3×3 convolutions: 7.8 million parameters, 323 million
# multiply-accumulates for one 32×32 image. Here you rebuild it with **6.65 times fewer parameters** and
# **5.52 times fewer multiply-accumulates**, count both by hand and by program, and then find that
# it is *not* 5.52 times faster.
#
# You will learn
#
# 1. what a full convolution does twice at once, and how to do the two things one after the other;
# 2. to predict what a layer costs before you run it;
# 3. to prove that two layers compute the same function by giving them the same weights;
# 4. to find bugs in a network from its symptoms (shapes, counts, values);
# 5. why operations, parameters and seconds are three different currencies.
#
# ### The idea in one picture
#
# ![A full convolution has k×k weights for every pair of an input and an output map. A separable one first looks around in each map (depthwise, k·k·cin weights) and then mixes the maps (pointwise, cin·cout weights)](idea.svg)
#
# Reading: Howard et al., [*MobileNets*](https://arxiv.org/abs/1704.04861) (2017), sections 3.1 and 3.2.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import json
import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import small_images
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: tiny training, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** A 3×3 convolution takes 128 channels to 256. Its separable replacement (no biases) needs, of the
# full one's multiply-accumulates, about
#
# - **a** one half
# - **b** one third
# - **c** one ninth
# - **d** one part in 256
#
# **Prediction 2.** Your MobileNet ends in global average pooling, so it takes any image size. Going from 32×32 to 64×64 images multiplies
#
# - **a** parameters by 4 and multiply-accumulates by 4
# - **b** parameters by 1 and multiply-accumulates by about 4
# - **c** parameters by 1 and multiply-accumulates by about 2
# - **d** parameters by 2 and multiply-accumulates by about 16
#
# **Prediction 3.** In a pair with 512 channels in and out, the depthwise 3×3 half does which share of the pair's multiply-accumulates?
#
# - **a** about 90 %
# - **b** about half
# - **c** about 10 %
# - **d** about 2 %
#
# <details><summary>Hint</summary>Write down, for one output position, how many products each half takes. Everything common to both cancels.</details>

# %% nbgrader={"grade": false, "grade_id": "predict_cost", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "c"  # 1/256 + 1/9 = 0.115
predict_2 = "b"  # weights do not know the image size; every map has four times as many positions
predict_3 = "d"  # 9 / (9 + 512) = 1.7 %
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. The cell that shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_cost_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "one position costs 9 + 256 products for 9 · 256"
reason_2 = "weights slide over maps of any size"
reason_3 = "9 products beside 512 per output number"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_cost", "locked": true, "schema_version": 3, "solution": false}
def check_predict_cost() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked.")


check_predict_cost()

# %% [markdown] nbgrader={"grade": false, "grade_id": "parameter_counts_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. Count parameters
# *Difficulty ●○○○ · importance ●●●○ · 15 minutes*
#
# A convolution from $c_{in}$ to $c_{out}$ channels with a $k \times k$ kernel has one kernel for every pair of channels:
#
# $$\text{full} = k^2\, c_{in}\, c_{out} \;[+\; c_{out} \text{ biases}]$$
#
# The separable one has one kernel per *input* channel (depthwise), then a matrix that mixes channels (pointwise). **Both halves are layers, so
# with `bias` each has its own biases**, one for each of its output channels:
#
# $$\text{separable} = k^2\, c_{in} + c_{in}\, c_{out} \;[+\; c_{in} + c_{out} \text{ biases}]$$
#
# *Worked numbers.* $c_{in}=3,\ c_{out}=8,\ k=3$: full $9\cdot 3\cdot 8 = 216$, with biases 224; separable $9\cdot 3 + 3\cdot 8 = 51$, with biases $51 + 3 + 8 = 62$.
# Their ratio, without biases, is $\frac{1}{c_{out}} + \frac{1}{k^2}$: divide and see.


# %% nbgrader={"grade": false, "grade_id": "parameter_counts", "locked": false, "schema_version": 3, "solution": true}
def convolution_parameter_count(cin: int, cout: int, k: int, bias: bool) -> int:
    """Number of parameters of a full k×k convolution.

    Args:
        cin, cout: input and output channels, at least 1.
        k: height and width of the kernel.
        bias: whether each output channel has a bias.

    Returns:
        The count, an int. Example: `convolution_parameter_count(3, 8, 3, True) == 224`.
    """
    ### BEGIN SOLUTION
    return k * k * cin * cout + (cout if bias else 0)
    ### END SOLUTION


def separable_parameter_count(cin: int, cout: int, k: int, bias: bool) -> int:
    """Number of parameters of a depthwise k×k convolution followed by a pointwise one.

    Args:
        cin, cout, k: as above; the depthwise half keeps `cin` channels.
        bias: whether both halves have biases.

    Returns:
        The count, an int. Example: `separable_parameter_count(3, 8, 3, True) == 62`.
    """
    ### BEGIN SOLUTION
    depthwise = k * k * cin + (cin if bias else 0)
    pointwise = cin * cout + (cout if bias else 0)
    return depthwise + pointwise
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_parameter_counts", "locked": true, "schema_version": 3, "solution": false}
def check_parameter_counts() -> None:
    assert convolution_parameter_count(3, 8, 3, False) == 216, "9 weights for each of the 3·8 pairs of channels"
    assert convolution_parameter_count(3, 8, 3, True) == 224, "and one bias for each of the 8 output channels"
    assert separable_parameter_count(3, 8, 3, False) == 51, "9 weights for each of 3 channels, then a 3×8 matrix"
    assert separable_parameter_count(3, 8, 3, True) == 62, "the depthwise half has 3 biases, the pointwise half 8"
    ratio = separable_parameter_count(128, 256, 3, False) / convolution_parameter_count(128, 256, 3, False)
    print(
        f"128 -> 256 channels: the separable layer has {ratio:.4f} of the weights; 1/256 + 1/9 = {1 / 256 + 1 / 9:.4f}"
    )


check_parameter_counts()

# %% [markdown] nbgrader={"grade": false, "grade_id": "separable_conv_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. A separable convolution
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# Write the layer as two `nn.Conv2d`, one after the other and **nothing between them** (no batch norm, no ReLU: those come in part 4):
#
# $$h_{i}(p) = b^{D}_i + \sum_{\delta} D_{i}(\delta)\; x_{i}(s\,p + \delta) \qquad\qquad y_{o}(p) = b^{P}_o + \sum_{i} P_{oi}\; h_{i}(p)$$
#
# * `self.depthwise`: $c_{in} \to c_{in}$ channels, each on its own (that is what `groups` is for), $k\times k$, padded by `kernel_size // 2`. **The stride is here.**
# * `self.pointwise`: $c_{in} \to c_{out}$ channels, 1×1.
# * `bias` holds for both.
#
# Put the second formula into the first and you see what it is: a full convolution whose kernel for the pair $(o, i)$ is
# $K_{oi}(\delta) = P_{oi} \cdot D_i(\delta)$. All output channels share one spatial pattern per input channel, up to a factor. The check below proves it on numbers.
#
# *Worked numbers.* One channel in, two out, $D = [1\ 2\ 1]$ and $P = [3, -1]^T$: the equivalent kernels are $[3\ 6\ 3]$ and $[-1\ -2\ -1]$.
#
# <details><summary>Hint 1</summary><code>nn.Conv2d(c, c, k, groups=g)</code> has weights of shape <code>(c, c // g, k, k)</code>. Which g makes the second number 1?</details>
# <details><summary>Hint 2</summary>If shapes come out half as large as they should, count how many of your two layers have the stride.</details>


# %% nbgrader={"grade": false, "grade_id": "separable_conv", "locked": false, "schema_version": 3, "solution": true}
class SeparableConv2d(nn.Module):
    """A depthwise convolution followed by a pointwise one: images `(N, in_channels, H, W)` -> `(N, out_channels, H', W')`.

    With an odd `kernel_size`, H' = ceil(H / stride) and W' = ceil(W / stride).

    Args:
        in_channels, out_channels: at least 1.
        kernel_size: odd; the depthwise half is padded by `kernel_size // 2`.
        stride: of the depthwise half.
        bias: whether both halves have biases.

    Attributes:
        depthwise: `nn.Conv2d` with weight `(in_channels, 1, kernel_size, kernel_size)`.
        pointwise: `nn.Conv2d` with weight `(out_channels, in_channels, 1, 1)`.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, bias: bool = True):
        super().__init__()
        ### BEGIN SOLUTION
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding=kernel_size // 2, groups=in_channels, bias=bias
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.pointwise(self.depthwise(x))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_separable_conv", "locked": true, "schema_version": 3, "solution": false}
def check_separable_conv() -> None:
    block = SeparableConv2d(3, 8, 3)
    assert block.depthwise.weight.shape == (3, 1, 3, 3), "one 3×3 kernel per input channel: shape (3, 1, 3, 3)"
    assert block.pointwise.weight.shape == (8, 3, 1, 1), "a matrix that mixes 3 channels into 8"
    assert SeparableConv2d(3, 8, 3, stride=2)(torch.rand(2, 3, 9, 12)).shape == (2, 8, 5, 6), (
        "stride 2 halves, rounding up"
    )
    with torch.no_grad():
        x = torch.rand(1, 3, 7, 6)
        kernel = block.pointwise.weight * block.depthwise.weight[:, 0]  # (8, 3, 1, 1) · (3, 3, 3) -> (8, 3, 3, 3)
        bias = block.pointwise.bias + block.pointwise.weight[:, :, 0, 0] @ block.depthwise.bias
        full = F.conv2d(x, kernel, bias, padding=1)
        assert torch.allclose(block(x), full, atol=1e-5), (
            "it should equal the full convolution with kernel P[o, i] · D[i]"
        )
    print(
        f"Equal to a full convolution of {kernel.numel()} weights, of which only {3 * 9 + 3 * 8} can be chosen freely."
    )


check_separable_conv()

# %% [markdown] nbgrader={"grade": false, "grade_id": "mobilenet_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. MobileNet
# *Difficulty ●●○○ · importance ●●●○ · 30 minutes*
#
# The paper puts batch norm and ReLU after **each** half. The helper below makes one such step; your network is a chain of them:
#
# | layers | what | channels | stride |
# |---|---|---|---|
# | first | full 3×3 convolution | 3 → 64 | 1 |
# | pair $j = 0 … 9$ | depthwise 3×3, then pointwise 1×1 | previous → `WIDTHS[j]` | `STRIDES[j]`, on the depthwise step |
# | head | mean over height and width, `nn.Linear` | 512 → `classes` | |
#
# Every step is `conv_norm_relu(…)`: convolution with bias, batch norm, ReLU. 1,171,978 parameters in all, for ten classes.
#
# *Worked numbers.* A 32×32 image has maps of 32×32 up to pair 0, 16×16 in pairs 1 to 3, 8×8 in pairs 4 to 6, 4×4 in pairs 7 to 9.
#
# <details><summary>Hint</summary>Keep a variable with the current number of channels; append to a list of layers in a loop over
# <code>zip(WIDTHS, STRIDES)</code>; finish with <code>nn.Sequential(*layers)</code>.</details>

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_conv_norm_relu", "locked": true, "schema_version": 3, "solution": false}
WIDTHS = (128, 128, 128, 256, 256, 256, 512, 512, 512, 512)  # channels after each of the ten pairs
STRIDES = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1)  # of the ten depthwise steps


def conv_norm_relu(cin: int, cout: int, k: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A k×k convolution with bias, padded so that stride 1 keeps the size; batch norm; ReLU."""
    conv = nn.Conv2d(cin, cout, k, stride=stride, padding=k // 2, groups=groups)
    return nn.Sequential(conv, nn.BatchNorm2d(cout), nn.ReLU())


# %% nbgrader={"grade": false, "grade_id": "mobilenet", "locked": false, "schema_version": 3, "solution": true}
class MobileNet(nn.Module):
    """The separable network of the table above: images `(N, 3, H, W)` in [0, 1] -> logits `(N, classes)`.

    Takes any height and width from 1 upwards. Names of submodules are yours to choose.
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        ### BEGIN SOLUTION
        layers, channels = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES, strict=True):
            layers.append(conv_norm_relu(channels, channels, 3, stride, groups=channels))
            layers.append(conv_norm_relu(channels, width, 1))
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)
        ### END SOLUTION

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        return self.classifier(self.features(images).mean(dim=(2, 3)))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_mobilenet", "locked": true, "schema_version": 3, "solution": false}
def check_mobilenet() -> None:
    net = MobileNet()
    count = sum(p.numel() for p in net.parameters())
    assert count == 1_171_978, f"{count:,} parameters, expected 1,171,978: look at groups, biases and the widths"
    assert net.eval()(torch.rand(2, 3, 9, 12)).shape == (2, 10), "two images, ten logits each, whatever their size"
    print(f"{count:,} parameters; the baseline has 7,793,610, {7_793_610 / count:.2f} times as many.")


check_mobilenet()

# %% [markdown] nbgrader={"grade": false, "grade_id": "multiply_accumulates_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. Count multiply-accumulates
# *Difficulty ●●●○ · importance ●●●○ · 40 minutes*
#
# One multiply-accumulate is one product added to a sum. **Count those of `nn.Conv2d` and `nn.Linear`, for one image; biases, batch norm,
# ReLU and pooling count as zero.**
#
# $$\text{Conv2d: } \underbrace{H' \cdot W'}_{\text{output positions}} \cdot\; c_{out} \cdot \frac{c_{in}}{\text{groups}} \cdot k_h \cdot k_w \qquad\qquad \text{Linear: } c_{in} \cdot c_{out}$$
#
# Sizes depend on the input, so send a dummy image through and let a *forward hook* see every layer's output. A layer that is called
# twice counts twice. **Leave the model as you found it**: hooks removed, and train or eval mode as it was (batch norm in train mode would move its running mean; so measure in eval mode, then restore).
#
# *Worked numbers.* `nn.Conv2d(3, 8, 3, stride=2, padding=1)` on a 6×10 image: output 3×5, so $15 \cdot 8 \cdot 3 \cdot 9 = 3240$.
#
# <details><summary>Hint 1</summary><code>handle = layer.register_forward_hook(f)</code> calls <code>f(layer, inputs, output)</code> on every forward; <code>handle.remove()</code> ends that.</details>
# <details><summary>Hint 2</summary>Products per output number: <code>layer.weight[0].numel()</code>. Look at the shape of a grouped convolution's weight to see why it holds there too.</details>
# <details><summary>Hint 3</summary><code>model.train(mode)</code> sets every submodule alike. A caller may have frozen one batch norm with <code>.eval()</code>: to restore, note each module's <code>training</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "multiply_accumulates", "locked": false, "schema_version": 3, "solution": true}
def multiply_accumulates(model: nn.Module, input_size: tuple[int, int, int]) -> int:
    """Multiply-accumulates of one forward pass of one image.

    Args:
        model: any module made of layers that are called as modules; left as it was found.
        input_size: `(channels, height, width)` of the image.

    Returns:
        The count, an int, over all calls of `nn.Conv2d` and `nn.Linear`.
        Example: `multiply_accumulates(nn.Conv2d(3, 8, 3, stride=2, padding=1), (3, 6, 10)) == 3240`.
    """
    ### BEGIN SOLUTION
    counts, modes = [], {module: module.training for module in model.modules()}
    layers = [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    hooks = [
        layer.register_forward_hook(lambda m, _, y: counts.append(y.numel() * m.weight[0].numel())) for layer in layers
    ]
    with torch.no_grad():
        model.eval()(torch.zeros(1, *input_size))
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode
    return sum(counts)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_multiply_accumulates", "locked": true, "schema_version": 3, "solution": false}
def check_multiply_accumulates() -> None:
    assert multiply_accumulates(nn.Conv2d(3, 8, 3, stride=2, padding=1), (3, 6, 10)) == 3240, "15 positions · 8 · 3 · 9"
    assert multiply_accumulates(nn.Conv2d(4, 4, 3, padding=1, groups=4), (4, 5, 5)) == 900, (
        "25 · 4 · 9: one channel each"
    )
    small = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6, 5))
    assert multiply_accumulates(small, (3, 2, 3)) == 6 * 12 + 24 * 5, "convolution 72, linear 120, the rest free"
    assert small.training, "the model was in train mode and should be again"
    print("Hooks count what the formulas say.")


check_multiply_accumulates()

# %% [markdown] nbgrader={"grade": false, "grade_id": "truth_text", "locked": true, "schema_version": 3, "solution": false}
# ### The truth about your predictions
#
# Measured with what you have written. Were you right for the reason that you gave?


# %% tags=["check"] nbgrader={"grade": false, "grade_id": "truth", "locked": true, "schema_version": 3, "solution": false}
def show_truth() -> None:
    if not opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        return
    full, pair = nn.Conv2d(128, 256, 3, padding=1, bias=False), SeparableConv2d(128, 256, 3, bias=False)
    costs = [multiply_accumulates(layer, (128, 32, 32)) for layer in (full, pair)]
    print(f"1: {costs[1]:,} of {costs[0]:,} multiply-accumulates, a share of {costs[1] / costs[0]:.3f}")
    network = MobileNet(10)
    small, large = (multiply_accumulates(network, (3, side, side)) for side in (32, 64))
    print(f"2: multiply-accumulates times {large / small:.2f}, and the network has the same weights for both")
    wide = SeparableConv2d(512, 512, 3, bias=False)
    share = multiply_accumulates(wide.depthwise, (512, 8, 8)) / multiply_accumulates(wide, (512, 8, 8))
    print(f"3: the depthwise half does {share:.1%}")


show_truth()

# %% [markdown] nbgrader={"grade": false, "grade_id": "compare_text", "locked": true, "schema_version": 3, "solution": false}
# Now the whole networks. Were your predictions right? (This cell builds the baseline and is skipped when your notebook is graded.)

# %% tags=["train"] nbgrader={"grade": false, "grade_id": "compare_costs", "locked": true, "schema_version": 3, "solution": false}
from baseline import BaselineNet

cost = {}
for title, network in [("baseline", BaselineNet()), ("separable", MobileNet())]:
    parameters = sum(p.numel() for p in network.parameters())
    cost[title] = {"parameters": parameters, "macs": multiply_accumulates(network, (3, 32, 32))}
    print(f"{title:10} {parameters:>10,} parameters {cost[title]['macs']:>12,} multiply-accumulates at 32×32")
assert cost["baseline"]["macs"] == 322_638_848, "the baseline of assignment 01"
assert cost["separable"]["macs"] == 58_438_656, "5.52 times fewer"
bigger = multiply_accumulates(MobileNet(), (3, 64, 64))
if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
    print(f"prediction 2: 64×64 images take {bigger / cost['separable']['macs']:.2f} times as many")

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_block_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. Repair a block
# *Difficulty ●●●○ · importance ●●●○ · 30 minutes*
#
# A fellow student wrote the block of part 4 by hand. It should be, **without any biases in the convolutions**,
#
# > depthwise 3×3 (with the stride) → batch norm → ReLU → pointwise 1×1 → batch norm → ReLU
#
# It runs, it even trains, and it is wrong in **four** places. Here are the symptoms; find the causes, and write `RepairedBlock`.
# Keep the four attribute names (`depthwise`, `norm1`, `pointwise`, `norm2`) and the arguments.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_block", "locked": true, "schema_version": 3, "solution": false}
class BrokenBlock(nn.Module):
    """Wrong on purpose, four times."""

    def __init__(self, cin: int, cout: int, stride: int = 1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, stride=stride)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm1(F.relu(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))


def show_symptoms() -> None:
    broken = BrokenBlock(16, 32, stride=2)
    print("parameters:", sum(p.numel() for p in broken.parameters()), "(expected 752)")
    print("16×16 maps become", tuple(broken(torch.rand(2, 16, 16, 16)).shape[2:]), "(expected 8×8)")


show_symptoms()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_block_hint", "locked": true, "schema_version": 3, "solution": false}
# <details><summary>Hint</summary>752 = 9·16 + 16·32 + 2·16 + 2·32. Which term is too large, and which extra one is there? The fourth
# bug changes neither counts nor shapes: read <code>forward</code> against the specification.</details>


# %% nbgrader={"grade": false, "grade_id": "repair_block", "locked": false, "schema_version": 3, "solution": true}
class RepairedBlock(nn.Module):
    """`BrokenBlock` put right: maps `(N, cin, H, W)` -> `(N, cout, ceil(H / stride), ceil(W / stride))`."""

    def __init__(self, cin: int, cout: int, stride: int = 1):
        super().__init__()
        ### BEGIN SOLUTION
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        x = F.relu(self.norm1(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))
        ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_block", "locked": true, "schema_version": 3, "solution": false}
def check_repair_block() -> None:
    repaired = RepairedBlock(16, 32, stride=2)
    assert sum(p.numel() for p in repaired.parameters()) == 752, (
        "752 parameters: 144 + 512 weights, 32 + 64 in batch norms"
    )
    assert repaired(torch.rand(2, 16, 16, 16)).shape == (2, 32, 8, 8), "stride 2 halves the maps once"
    print("Counts and shapes are right. Is the order of batch norm and ReLU? (The hidden tests look.)")


check_repair_block()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. Train both, and measure
# *30 minutes of work: minutes of waiting on a GPU, about three hours on two processor cores (fewer `epochs` or images will do to see the cell run)*
#
# The cell below trains the baseline and your MobileNet with one recipe, times one pass over the data for each, and saves

# * `separable_weights.safetensors`: your network's weights at half precision. **Hand this file in beside the notebook.** It is
#   loaded into your `MobileNet` and shown 200 test images of CIFAR-10, each moved, mirrored or dimmed a little: 40 % right earn half of its
#   points, 60 % all of them.
# * `separable_results.json`: what the figure shows.
#
# CIFAR-10 is used where it is found (folder in `CIFAR10_ROOT`) or can be downloaded; otherwise ten classes of procedural images.


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
    (x, y), (x_test, y_test) = small_images(192, seed=0), small_images(100, seed=1)
    return "small images, trial run", x[..., ::2, ::2], y, x_test[..., ::2, ::2], y_test


def fit(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, batch: int = 64) -> float:
    """Train by SGD with a one-cycle learning rate; returns seconds per epoch."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    steps = -(-len(images) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=epochs * steps)
    network.to(device).train()
    start = time.perf_counter()
    for _ in with_bar(range(epochs), f"{type(network).__name__}, epochs"):
        for chosen in torch.randperm(len(images)).split(batch):
            x = images[chosen].to(device)
            flip = torch.rand(len(x), 1, 1, 1, device=device) < 0.5
            loss = F.cross_entropy(network(torch.where(flip, x.flip(-1), x)), labels[chosen].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return (time.perf_counter() - start) / epochs


@torch.no_grad()
def accuracy(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of images whose largest logit is at their label."""
    network.eval()
    hits = [
        (network(x.to(device)).argmax(1).cpu() == y).sum()
        for x, y in zip(images.split(250), labels.split(250), strict=True)
    ]
    return float(sum(hits)) / len(images)


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
from safetensors.torch import save_file

data_name, images, labels, test_images, test_labels = load_images()
epochs = 1 if FAST else 8
measured = {}
for title, network in [("baseline", BaselineNet()), ("separable", MobileNet())]:
    seconds = fit(network, images, labels, epochs)
    measured[title] = {**cost[title], "accuracy": accuracy(network, test_images, test_labels), "seconds": seconds}
    print(f"{title:10} accuracy {measured[title]['accuracy']:.3f}, {seconds:.1f} s per epoch ({data_name}, {device})")
half = {
    name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in network.cpu().state_dict().items()
}
save_file(half, "separable_weights.safetensors")
results = {"data": data_name, **measured}
Path("separable_results.json").write_text(json.dumps(results, indent=1))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_cost", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt

if "results" not in globals():
    raise NotImplementedError("this figure shows what the training cell above found: it has to run to its end first")
figure, axes = plt.subplots(1, 3, figsize=(8, 2.4), sharey=True, layout="constrained")
for axis, key, label in zip(
    axes, ["parameters", "macs", "seconds"], ["parameters", "multiply-accumulates", "seconds per epoch"], strict=True
):
    for title, marker in [("baseline", "o"), ("separable", "s")]:
        axis.plot(results[title][key], 100 * results[title]["accuracy"], marker, label=title)
    widest = max(results[title][key] for title in ("baseline", "separable"))
    axis.set(xlabel=label, xlim=(0, 1.15 * widest), ylim=(0, 100))
axes[0].set_ylabel("accuracy, %")
axes[0].legend()
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "accuracy_against_cost", "locked": false, "schema_version": 3, "solution": true}
# ## 8. Accuracy against cost
# *15 minutes · graded by a person*
#
# Look at **your own** figure. In four to six sentences: what did the separable network give up, and what did it save, in each of the
# three currencies? Say by which numbers in your figure. Would you expect the order of the two to hold if both were trained ten times
# longer? What would you have to measure to be sure that a difference of one percent is not luck?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - numbers (1): quotes accuracy, parameters and operations of both networks from the figure, with the right order of magnitude of the ratios (6.65 and 5.52).
# - currencies (1): sees that parameters and operations fall together while seconds do not follow in proportion, whichever of the two took longer.
# - longer (1): reasons about capacity against training time; the baseline's lead usually stays (about 94 % against 87 % in the tutorial), any reasoned answer counts.
# - luck (1): several seeds (or a confidence interval: 1000 test images at 90 % have a standard error of about 1 %).
#
# *Full marks, for example.* The separable network gives up 2.2 points of accuracy (86.2 against 88.4 %). It saves 6.65 times the parameters (1.17 against 7.79 million) and
# 5.52 times the multiply-accumulates (58.4 against 322.6 million), but only 1.8 times the seconds (0.76 against 1.35 s a batch): two currencies fall together, the third
# does not follow. Trained ten times longer I expect the order to hold and the gap to grow: the baseline has more capacity and is not yet at its best after eight epochs. To
# be sure that one percent is not luck I would train both with three seeds and look whether the ranges overlap: with 10,000 test images one accuracy near 88 % alone has a
# standard error of 0.3 %.
#
# *Half marks, for example.* The separable network has fewer parameters and fewer operations and is a bit worse (86 against 88 %). It is also faster. With longer training
# both get better. I would train both again with other seeds to be sure. (*numbers half: ratios missing; currencies 0: seconds taken to follow; longer half: no reason; luck
# 1. Two of four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_slower", "locked": false, "schema_version": 3, "solution": true}
# ## 9. Why is it not 5.5 times faster?
# *15 minutes · graded by a person*
#
# Begin with your own seconds per epoch: how many times as fast as the baseline is the separable network, with 5.5 times fewer multiply-accumulates? It depends on the machine: on one
# core of a server processor it took 0.55 times the baseline's time with float32 numbers and *as long as* the baseline with bfloat16; elsewhere it was the slower one. Give two
# reasons why the seconds do not follow the operations, and for each one experiment (a change of a few lines) that would support or refute it.
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - memory (1): a depthwise layer does 9 products per number it reads and writes; time goes into moving activations, not into arithmetic.
# - layers (1): 21 convolutions instead of 11, each with batch norm and ReLU: more passes over the maps, more launches, more to keep for the backward pass; or: libraries have fast code for full convolutions and slow for grouped ones.
# - experiment (1): a real test of a named reason, for example timing forward and backward of one layer by groups, width, batch size or image size, with the expected outcome.
#
# *For TAs.* "Mine was faster" is no objection and costs nothing: all that is less than 5.5 times as fast needs the same reasons. Measured here (one thread of a server processor, batch 64): 1.35 against 0.76 s
# a batch in float32, so 1.8 times as fast; 0.66 against 0.65 s in bfloat16, where full convolutions have quick code and depthwise ones do not. "Mine was slower" is as good.
#
# *Full marks, for example.* Mine took 0.76 s a batch instead of 1.35 s: 1.8 times as fast with 5.5 times fewer operations. First, memory: a depthwise 3×3 layer does nine
# products for each number that it reads and writes, a full one 9·c_in, so its time goes into moving maps. Experiment: time one depthwise and one full layer of 256 channels
# with 8, 16, 32 and 64 pixels a side; if memory is the reason, the depthwise one takes as long as a copy of its maps (`x + 1`) at every size. Second, layers: 21
# convolutions with 21 norms and ReLUs instead of 11, each a pass over the maps, forwards and backwards. Experiment: leave out the norm and the ReLU between the halves; if
# I am right, a third of the time goes, though hardly any operation.
#
# *Half marks, for example.* Because memory is slow compared to arithmetic, and because there are 21 convolutions with norm and ReLU instead of 11, so more passes over the
# maps. One could measure the time of a depthwise layer. (*memory half: not tied to depthwise; layers 1; experiment 0: no expected outcome. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 10. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** Which full convolutions can a separable one (nothing between its halves) imitate exactly?
#
# - **a** those whose kernels for one input channel are multiples of one pattern
# - **b** all of them, if the pointwise half is wide enough
# - **c** those whose k×k kernels are each an outer product of a column and a row
# - **d** those without padding

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** `nn.Conv2d(64, 64, 3, groups=16)` has how many weights (without biases)?
#
# - **a** 576
# - **b** 2304
# - **c** 9216
# - **d** 36864

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "b"  # 64 outputs, each reads 64 / 16 = 4 channels, 9 weights each
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** You want a larger field of view: 5×5 instead of 3×3, 256 channels in and out. The multiply-accumulates of the separable pair grow by
#
# - **a** about 6 %
# - **b** about 67 %
# - **c** a factor of 25/9
# - **d** a factor of 25

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "a"  # (25 + 256) / (9 + 256) = 1.06
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4.** Why do many networks leave out a convolution's bias when batch norm follows directly?
#
# - **a** batch norm cannot be differentiated with a bias before it
# - **b** biases make the running variance negative
# - **c** the bias doubles the cost of the convolution
# - **d** batch norm subtracts the mean, and the bias with it

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_4 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5.** For which layer does splitting a 3×3 convolution save the least, as a share of its own cost?
#
# - **a** 512 → 512 channels on a 4×4 map
# - **b** 64 → 128 channels on a 32×32 map
# - **c** 64 → 8 channels on a 32×32 map
# - **d** the same for all three

# %% nbgrader={"grade": false, "grade_id": "quiz_5", "locked": false, "schema_version": 3, "solution": true}
quiz_5 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_5 = "c"  # 1/8 + 1/9 = 0.24 of the cost is left; the map's size cancels
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
# * MobileNetV2 turns the pair inside out (widen, depthwise, narrow, shortcut between the narrow ends) and leaves out the last ReLU. Why would a ReLU on few channels hurt?
# * Take a trained full convolution, and find by SVD the separable one closest to it: reshape the weights to one matrix per input channel. How much of them is left?
# * Time one depthwise layer with `channels_last` memory and without.
