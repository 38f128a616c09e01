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
# # 07 · Transfer: cats and dogs for a network that never saw one
#
# *About four hours. A laptop is enough; a GPU makes the training cells quick.*
#
# A network has learnt planes, cars, birds, deer, frogs, horses, ships and trucks. Nobody ever showed it a cat or a dog with its name. Now you
# have **ten labelled images**: five cats, five dogs. Is that enough to tell the two apart? For a network that starts from nothing it is not. For one
# that has seen the world it may be, and with a hundred or a thousand labels the picture changes once more.
#
# You will learn
#
# 1. to give a trained network its images exactly in the form in which it learnt;
# 2. to freeze a network so that it stays frozen, batch norm included;
# 3. to take features out once, and to fit a linear probe on them;
# 4. to fine-tune head and backbone at different speeds;
# 5. to read from a confusion matrix what an accuracy hides.
#
# ### The idea in one picture
#
# ![From scratch: backbone and head start from chance and all is trained, which needs many labels. Linear probe: the backbone was learnt before and is frozen, only the new head is trained, for few labels. Fine-tuning: a fast head and a slow backbone, in between](idea.svg)
#
# Reading: Yosinski et al., [*How transferable are features in deep neural networks?*](https://arxiv.org/abs/1411.1792) (2014), sections 1 and 4;
# Kornblith, Shlens and Le, [*Do Better ImageNet Models Transfer Better?*](https://arxiv.org/abs/1805.08974) (2019), section 4.
#
# **How to work.** Fill the blanks (`raise NotImplementedError`). The check cell after each blank runs at once; when
# it passes, the values it tried are right. Hidden tests try others, also tensors that are views
# (transposed, sliced, expanded): where `view` complains, `reshape` works. You may add cells and helper functions anywhere.
# Each part says how difficult it is, and how important: ●●●● comes back in later assignments and in most projects, ●○○○ hardly ever.

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false}
import copy
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import torch
import torch.nn.functional as F
from predictions import lock_of, opened
from progress_bar import with_bar
from small_images import CLASSES, small_images
from small_resnet import SmallResNet
from torch import nn

FAST = os.environ.get("COURSE_FAST") == "1"  # a trial run: tiny training, so that every cell runs within seconds
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)

# %% [markdown] nbgrader={"grade": false, "grade_id": "own_text", "locked": true, "schema_version": 3, "solution": false}
# ### Your own numbers
#
# Some of what you look at, and one question of the quiz, differ from student to student. They follow from a code: put the one that you were given between the quotes (`personal.py` says how).

# %% tags=["variant"]
code = "QCS78"

# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_own", "locked": true, "schema_version": 3, "solution": false}
from personal import own_labels

own = own_labels(code)
print(own.text)

# %% [markdown] nbgrader={"grade": false, "grade_id": "predict_text", "locked": true, "schema_version": 3, "solution": false}
# ## 1. Predict before you run
# *10 minutes · with pen and paper, before anything below is filled in*
#
# **Prediction 1.** The course's ResNet turns an image into 256 features; its head, a linear layer with biases, makes logits of them. You replace the head by one for two classes and freeze
# all the rest. How many numbers does training change?
#
# - **a** 2
# - **b** 512
# - **c** 514
# - **d** 1,228,456
#
# **Prediction 2.** Every parameter of a network with batch norm has `requires_grad = False`. You call `network.train()` and send a hundred batches through it. No optimizer, no `backward()`.
# Then you call `network.eval()` and ask for one image's logits. They are
#
# - **a** the same as before: no parameter has changed
# - **b** others: the running means and variances of batch norm have changed
# - **c** others: the weights of batch norm have changed
# - **d** the same, if the batches had at least two images
#
# **Prediction 3.** Of 1000 test images 900 are cats and 100 dogs. A network answers "cat" whatever it sees. Its accuracy is 90 %. The mean of its two recalls (the share of cats that
# are found, and the share of dogs that are found) is
#
# - **a** 90 %
# - **b** 81 %
# - **c** 50 %
# - **d** 10 %
#
# <details><summary>Hint for 2</summary>What of a network stands in <code>state_dict()</code>, but not in <code>parameters()</code>? Who writes it, and when?</details>

# %% nbgrader={"grade": false, "grade_id": "predict_transfer", "locked": false, "schema_version": 3, "solution": true}
predict_1 = None  # one of "a", "b", "c", "d"
predict_2 = None  # one of "a", "b", "c", "d"
predict_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
predict_1 = "c"  # 2 · 256 weights and 2 biases
predict_2 = "b"  # running statistics are buffers: the forward pass in train mode writes them, gradients or not
predict_3 = "c"  # (900 / 900 + 0 / 100) / 2
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "lock_text", "locked": true, "schema_version": 3, "solution": false}
# ### Lock them, each with a reason
#
# Why do you expect so? One sentence each. The check cell below prints your **lock**, a hash of predictions and reasons: put it between the quotes. What shows the truth asks for it. Nobody loses a point for a lock, or for a wrong
# prediction with a good reason; whoever reads your notebook sees whether something was changed afterwards.

# %% nbgrader={"grade": false, "grade_id": "predict_transfer_1", "locked": false, "schema_version": 3, "solution": true}
reason_1 = ""  # why, in a few words
reason_2 = ""
reason_3 = ""
lock = ""  # what the next cell prints
### BEGIN SOLUTION
reason_1 = "two times 256 weights and two biases"
reason_2 = "running statistics are written in train mode"
reason_3 = "one recall is one and the other zero"
lock = lock_of([predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3])
### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_predict_transfer", "locked": true, "schema_version": 3, "solution": false}
def check_predict_transfer() -> None:
    for name, answer in [("predict_1", predict_1), ("predict_2", predict_2), ("predict_3", predict_3)]:
        if answer is None:
            raise NotImplementedError(f'{name} is still to be chosen: one of "a", "b", "c", "d"')
        assert answer in ("a", "b", "c", "d"), f'{name} is {answer!r}: choose one of "a", "b", "c", "d"'
    if opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        print("Three predictions locked.")


check_predict_transfer()

# %% [markdown] nbgrader={"grade": false, "grade_id": "preprocess_text", "locked": true, "schema_version": 3, "solution": false}
# ## 2. In the form in which it learnt
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# A trained network is a function of *its* kind of images: its size, its range of values, its mean and spread. Photographs come as whole numbers, rows by columns by colours, and not square. Four steps, in this order:
#
# 1. cut out the largest **square in the middle**: with $s = \min(H, W)$ the top left pixel is $\left(\lfloor\tfrac{H - s}{2}\rfloor, \lfloor\tfrac{W - s}{2}\rfloor\right)$;
# 2. colours first, as floats from 0 to 1: $(N, H, W, 3) \to (N, 3, s, s)$, divided by 255;
# 3. resize to `size` × `size`, **bilinearly with antialiasing** (`mode="bilinear", antialias=True`);
# 4. normalise every colour $c$ on its own: $(x_c - \text{mean}_c) / \text{std}_c$.
#
# *Worked numbers.* One image of 1×3 pixels, of which the middle one is red 255, green 51, blue 0. At size 1 with mean $(0.5, 0.5, 0.5)$ and std $(0.25, 0.5, 1)$ it becomes $(2, -0.6, -0.5)$.
#
# <details><summary>Hint 1</summary><code>permute</code> moves whole dimensions; <code>reshape</code> to the same shape would mix pixels and colours up.</details>
# <details><summary>Hint 2</summary>A mean of shape <code>(3,)</code> would be subtracted along the last dimension. What shape does it need to meet the colours of <code>(N, 3, size, size)</code>?</details>


# %% nbgrader={"grade": false, "grade_id": "preprocess", "locked": false, "schema_version": 3, "solution": true}
def preprocess(images: torch.Tensor, size: int, mean: Sequence[float], std: Sequence[float]) -> torch.Tensor:
    """Photographs as a trained network expects them.

    Args:
        images: uint8 `(N, H, W, 3)`, 0 to 255; left unchanged.
        size: height and width of the result, smaller or larger than before.
        mean, std: three numbers each, for images in [0, 1]; std above 0.

    Returns:
        float32 `(N, 3, size, size)`: the middle square, resized, then normalised.
    """
    ### BEGIN SOLUTION
    _, height, width, _ = images.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    resized = F.interpolate(square, (size, size), mode="bilinear", antialias=True)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (mean, std))
    return (resized - mean) / std
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_preprocess", "locked": true, "schema_version": 3, "solution": false}
def check_preprocess() -> None:
    row = torch.tensor([[[[9, 9, 9], [255, 51, 0], [9, 9, 9]]]], dtype=torch.uint8)
    found = preprocess(row, 1, (0.5, 0.5, 0.5), (0.25, 0.5, 1.0))
    assert found.shape == (1, 3, 1, 1), f"shape {tuple(found.shape)}, expected (1, 3, 1, 1): colours before rows"
    assert found.dtype == torch.float32, f"float32, not {found.dtype}"
    expected = torch.tensor([2.0, -0.6, -0.5])
    assert torch.allclose(found.flatten(), expected, atol=1e-5), f"{found.flatten().tolist()}, expected [2, -0.6, -0.5]"
    ramp = torch.arange(0, 250, 10, dtype=torch.uint8).reshape(1, 5, 5, 1).repeat(1, 1, 1, 3)
    found = preprocess(ramp, 5, (0, 0, 0), (1, 1, 1))
    assert torch.allclose(found[0, 0, 1, 0], torch.tensor(50 / 255)), "row 1, column 0 of a square stays there"
    assert preprocess(ramp[:, :2], 3, (0, 0, 0), (1, 1, 1)).shape == (1, 3, 3, 3), "smaller ones are enlarged"
    print(
        "worked example:",
        [round(value, 3) for value in preprocess(row, 1, (0.5,) * 3, (0.25, 0.5, 1.0)).flatten().tolist()],
    )


check_preprocess()

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_preprocess", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt
from sklearn.datasets import load_sample_image

photograph = torch.from_numpy(load_sample_image("flower.jpg").copy())[None]  # (1, 427, 640, 3)
_, height, width, _ = photograph.shape
squashed = F.interpolate(photograph.permute(0, 3, 1, 2) / 255, (32, 32), mode="nearest")
imagenet_mean, imagenet_std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
normalised = preprocess(photograph, 96, imagenet_mean, imagenet_std)
pictures = [
    ("the photograph, and its middle square", photograph[0]),
    ("squashed, every n-th pixel", squashed[0].permute(1, 2, 0)),
    ("preprocessed to 32", preprocess(photograph, 32, (0, 0, 0), (1, 1, 1))[0].permute(1, 2, 0)),
    ("to 96", preprocess(photograph, 96, (0, 0, 0), (1, 1, 1))[0].permute(1, 2, 0)),
]
figure, axes = plt.subplots(1, 5, figsize=(12.5, 2.6), layout="constrained", width_ratios=[1.5, 1, 1, 1, 1.3])
for axis, (title, picture) in zip(axes, pictures, strict=False):
    axis.imshow(picture.clip(0, 255 if picture.dtype == torch.uint8 else 1))
    axis.set_title(title, fontsize=8)
    axis.set(xticks=[], yticks=[])
frame = plt.Rectangle(((width - height) // 2, 0), height, height - 1, fill=False, edgecolor="white", linewidth=2)
axes[0].add_patch(frame)
for channel, colour in enumerate(("tab:red", "tab:green", "tab:blue")):
    axes[4].hist(normalised[0, channel].flatten(), 40, histtype="step", color=colour)
axes[4].set_title("its normalised values: about −2 to 2", fontsize=8)
axes[4].set(yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "pet_labels_text", "locked": true, "schema_version": 3, "solution": false}
# ## 3. Labels from file names
# *Difficulty ●○○○ · importance ●○○○ · 15 minutes*
#
# Data sets in the wild have no labels as numbers. The photographs of Oxford-IIIT Pets are called
#
# ```text
# images/Maine_Coon_12.jpg      images/american_pit_bull_terrier_7.jpg      images/Bengal_104.jpg
# ```
#
# The **breed** is the file's name without folder, extension, number and the underscore before the number. The breeds' list holds each once, **in alphabetical order, no matter whether a letter is a capital**: the label of an image must
# not depend on which file comes first. An image's label is the place of its breed in the list. (In this data set cats have a capital and dogs have none.)
#
# *Worked numbers.* The three names above have the breeds `["american_pit_bull_terrier", "Bengal", "Maine_Coon"]` and the labels $[2, 0, 1]$.
#
# <details><summary>Hint</summary><code>"Maine_Coon_12".rpartition("_")</code>, <code>PurePosixPath(name).stem</code>, <code>sorted(…, key=str.lower)</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "pet_labels", "locked": false, "schema_version": 3, "solution": true}
def pet_labels(names: Sequence[str]) -> tuple[torch.Tensor, list[str]]:
    """Labels of photographs that are named after their breed.

    Args:
        names: N file names, at least one: `<folders>/<breed>_<number>.jpg`; a breed may have underscores.

    Returns:
        labels int64 `(N,)`, and the breeds, each once, in alphabetical order without regard to capitals.
    """
    ### BEGIN SOLUTION
    breed_of = [PurePosixPath(name).stem.rpartition("_")[0] for name in names]
    breeds = sorted(set(breed_of), key=str.lower)
    return torch.tensor([breeds.index(breed) for breed in breed_of]), breeds
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_pet_labels", "locked": true, "schema_version": 3, "solution": false}
def check_pet_labels() -> None:
    files = ["images/Maine_Coon_12.jpg", "images/american_pit_bull_terrier_7.jpg", "images/Bengal_104.jpg"]
    labels, breeds = pet_labels(files)
    expected = ["american_pit_bull_terrier", "Bengal", "Maine_Coon"]
    assert breeds == expected, f"{breeds}, expected {expected}"
    assert labels.dtype == torch.int64, f"labels are int64, not {labels.dtype}"
    assert labels.tolist() == [2, 0, 1], f"{labels.tolist()}, expected [2, 0, 1]"
    again, _ = pet_labels([*files[::-1], "Bengal_3.jpg"])
    assert again.tolist() == [1, 0, 2, 1], (
        f"{again.tolist()}, expected [1, 0, 2, 1]: the order of files does not matter"
    )
    for breed in breeds:
        print(f"{breed:26} {'a cat' if breed[0].isupper() else 'a dog'}")


check_pet_labels()

# %% [markdown] nbgrader={"grade": false, "grade_id": "freeze_text", "locked": true, "schema_version": 3, "solution": false}
# ## 4. Freeze
# *Difficulty ●●○○ · importance ●●●● · 15 minutes*
#
# A frozen network is the same function tomorrow. That takes three things, in **every** part of it:
#
# * no parameter asks for a gradient: `requires_grad` is false;
# * no old gradient lies about (`grad` is `None`): an optimizer that has the parameter would still go along it;
# * **eval mode**: batch norm uses its running statistics and does not change them, dropout does nothing.
#
# Gradients *through* the network, to its input, still flow. The network itself is changed, and returned for convenience.
#
# *Worked numbers.* A `nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))` has four parameter tensors and two running statistics. After `freeze` none of the four asks for a gradient, and after a hundred forward passes the
# two are what they were: zeros and ones.
#
# <details><summary>Hint</summary><code>model.requires_grad = False</code> raises no error, and freezes nothing: it makes a new attribute. Compare
# <code>model.requires_grad_(False)</code>, or a loop over <code>model.parameters()</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "freeze", "locked": false, "schema_version": 3, "solution": true}
def freeze(model: nn.Module) -> nn.Module:
    """Make a network's weights and statistics stay as they are.

    Args:
        model: any module; changed in place: afterwards in eval mode in all its parts, every parameter with
            `requires_grad` false and `grad` None. Values stay.

    Returns:
        The same module.
    """
    ### BEGIN SOLUTION
    for parameter in model.parameters():
        parameter.requires_grad = False
        parameter.grad = None
    return model.eval()
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_freeze", "locked": true, "schema_version": 3, "solution": false}
def check_freeze() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    model(torch.rand(4, 2)).square().sum().backward()
    model[1].reset_running_stats()
    assert freeze(model) is model, "return the module itself, not a copy"
    asking = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert asking == [], f"these still ask for gradients: {asking}"
    assert all(parameter.grad is None for parameter in model.parameters()), "old gradients are still there"
    for _ in range(100):
        model(torch.rand(4, 2))
    assert model[1].running_mean.tolist() == [0, 0], "batch norm has learnt: is it in eval mode?"
    resnet = SmallResNet(2)
    freeze(resnet)
    resnet.classifier.requires_grad_(True)
    print(f"frozen but for the head: {sum(p.numel() for p in resnet.parameters() if p.requires_grad)} numbers to train")
    resnet.train()
    resnet(torch.rand(4, 3, 8, 8))
    print(f"after train() and one batch, without any gradient: running mean {resnet.stem[1].running_mean[:2].tolist()}")


check_freeze()

# %% [markdown] nbgrader={"grade": false, "grade_id": "extract_features_text", "locked": true, "schema_version": 3, "solution": false}
# ## 5. Features, once
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# A frozen backbone gives the same features in every epoch, so compute them once. `backbone(images)` gives features $(n, D)$ for a batch; put the batches together, in **the order in which the loader gives them**, with the labels that came along.
#
# * in **eval mode and without gradients**; nothing returned hangs on a graph;
# * afterwards every part of the backbone is in the mode in which it was;
# * **one pass** over the loader: one that shuffles gives another order the second time, and then features and labels no longer belong together.
#
# *Worked numbers.* A backbone `nn.Flatten()` and a loader that gives $([[1, 2], [3, 4]], [0, 1])$ and then $([[5, 6]], [0])$ make features $[[1, 2], [3, 4], [5, 6]]$ and labels $[0, 1, 0]$: the last batch may be smaller.
#
# <details><summary>Hint 1</summary>Two lists, one loop, <code>torch.cat</code> twice.</details>
# <details><summary>Hint 2</summary>A caller may have frozen one part of a network that trains, so note the mode of <i>each</i> of <code>backbone.modules()</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "extract_features", "locked": false, "schema_version": 3, "solution": true}
def extract_features(
    backbone: nn.Module, loader: Iterable[tuple[torch.Tensor, torch.Tensor]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The backbone's features of all images of a loader, in eval mode.

    Args:
        backbone: module, images `(n, …)` -> features `(n, D)`; left as it was found, the modes of its parts included.
        loader: batches (images, labels `(n,)`) on the backbone's device, of any sizes, at least one.

    Returns:
        features `(N, D)` with `requires_grad` false, and labels `(N,)`, in the order of one pass over the loader.
    """
    ### BEGIN SOLUTION
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_extract_features", "locked": true, "schema_version": 3, "solution": false}
def check_extract_features() -> None:
    loader = [
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([0, 1])),
        (torch.tensor([[5.0, 6.0]]), torch.tensor([0])),
    ]
    features, labels = extract_features(nn.Flatten(), loader)
    assert features.tolist() == [[1, 2], [3, 4], [5, 6]], f"{features.tolist()}, expected [[1, 2], [3, 4], [5, 6]]"
    assert labels.tolist() == [0, 1, 0], f"labels {labels.tolist()}, expected [0, 1, 0]"
    backbone = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    features, _ = extract_features(backbone, loader)
    assert not features.requires_grad, "the features hang on a graph: torch.no_grad()"
    assert backbone.training, "the backbone was in train mode, and should be again"
    assert backbone[1].num_batches_tracked == 0, "batch norm has learnt from the batches: was it in eval mode?"
    dataset = torch.utils.data.TensorDataset(torch.arange(50.0)[:, None], torch.arange(50))
    features, labels = extract_features(nn.Flatten(), torch.utils.data.DataLoader(dataset, 8, shuffle=True))
    assert torch.equal(features[:, 0].long(), labels), "features and labels no longer belong together: one pass only"
    print("50 shuffled images in 7 batches: each feature still has its label")


check_extract_features()

# %% [markdown] nbgrader={"grade": false, "grade_id": "train_linear_probe_text", "locked": true, "schema_version": 3, "solution": false}
# ## 6. A linear probe
# *Difficulty ●●●○ · importance ●●●○ · 35 minutes*
#
# What can a linear layer read from the features? Logits are $z = W f + b$. Minimise, over all $N$ features at once,
#
# $$L(W, b) = \frac{1}{N} \sum_{n} \text{cross-entropy}(W f_n + b,\; y_n) \;+\; \frac{\lambda}{2} \lVert W \rVert^2$$
#
# with `steps` steps of plain **gradient descent** of size `lr` (no momentum), from $W = 0$, $b = 0$. The weight decay $\lambda$ pulls on the **weights, not on the biases**. The problem is convex: zero is as good a start as any,
# and the result depends on no chance.
#
# *Worked numbers.* Features $[[1], [3]]$, labels $[0, 1]$, `lr` 1. At the start both classes have probability ½, so $\partial L / \partial W_1 = \tfrac{1}{2}(0.5 \cdot 1 - 0.5 \cdot 3) = -0.5$: after one step $W = [[-0.5], [0.5]]$, $b = [0, 0]$.
# A second step with $\lambda = 0.1$ gives $W_1 = 0.1556$ and $b_1 = -0.3418$ (without decay $W_1$ would be 0.2056).
#
# <details><summary>Hint 1</summary>Make an <code>nn.Linear</code>, set it to zero by <code>nn.init.zeros_</code>, then the usual loop: loss, gradients cleared, backward, step.</details>
# <details><summary>Hint 2</summary><code>torch.optim.SGD</code> takes groups with settings of their own: <code>[{"params": [w], "weight_decay": 0.1}, {"params": [b]}]</code>. Its weight decay adds λ·W to the gradient. What is the derivative of the last term above?</details>


# %% nbgrader={"grade": false, "grade_id": "train_linear_probe", "locked": false, "schema_version": 3, "solution": true}
def train_linear_probe(
    features: torch.Tensor, labels: torch.Tensor, classes: int, steps: int, lr: float, weight_decay: float
) -> nn.Linear:
    """Softmax regression by gradient descent from zero on all features at once.

    Args:
        features: float32 `(N, D)`, without gradients; left unchanged.
        labels: int64 `(N,)` in 0..classes−1; not every class has to occur.
        classes: number of logits.
        steps: of gradient descent, at least 0.
        lr: size of a step.
        weight_decay: λ in the formula, at least 0; for the weights only.

    Returns:
        The linear layer, features `(n, D)` -> logits `(n, classes)`.
    """
    ### BEGIN SOLUTION
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    groups = [{"params": [probe.weight], "weight_decay": weight_decay}, {"params": [probe.bias]}]
    optimizer = torch.optim.SGD(groups, lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_train_linear_probe", "locked": true, "schema_version": 3, "solution": false}
def check_train_linear_probe() -> None:
    features, labels = torch.tensor([[1.0], [3.0]]), torch.tensor([0, 1])
    start = train_linear_probe(features, labels, 2, 0, 1.0, 0.0)
    assert not start(features).detach().any(), "after no step at all every logit is 0"
    one = train_linear_probe(features, labels, 2, 1, 1.0, 0.0)
    found = one.weight.detach().flatten().tolist()
    assert found == [-0.5, 0.5], f"after one step W = {found}, expected [-0.5, 0.5] (±1: the sum instead of the mean)"
    two = train_linear_probe(features, labels, 2, 2, 1.0, 0.1)
    weight, bias = two.weight[1].item(), two.bias[1].item()
    assert abs(weight - 0.1556) < 1e-3, f"after two steps W₁ = {weight:.4f}, expected 0.1556"
    assert abs(bias + 0.3418) < 1e-3, f"after two steps b₁ = {bias:.4f}, expected −0.3418"
    for steps in (10, 100, 1000):
        probe = train_linear_probe(features, labels, 2, steps, 1.0, 0.0)
        edge = -(probe.bias[1] - probe.bias[0]) / (probe.weight[1] - probe.weight[0])
        print(f"{steps:4} steps: the classes meet at the feature {edge.item():.2f}")


check_train_linear_probe()

# %% [markdown] nbgrader={"grade": false, "grade_id": "fine_tune_parameters_text", "locked": true, "schema_version": 3, "solution": false}
# ## 7. Fast head, slow backbone
# *Difficulty ●●○○ · importance ●●●● · 25 minutes*
#
# A new head knows nothing and needs large steps. The backbone knows a lot: with the same steps it would forget much of it before the head has made its first sensible gradient. So an optimizer gets **groups** of parameters,
# each with a learning rate of its own:
#
# ```python
# torch.optim.SGD([{"params": [...], "lr": 0.01}, {"params": [...], "lr": 0.1}], momentum=0.9)
# ```
#
# The head is `model.classifier`, whatever it is made of; the backbone is all the rest. Every parameter that asks for a gradient belongs to exactly one group;
# **frozen ones** (`requires_grad` false) are in no group and stay frozen. Order and number of groups are up to you.
#
# *Worked numbers.* For `SmallResNet(2)` with `head_lr` 0.1 and `backbone_lr` 0.01: 514 numbers with the rate 0.1 and 1,226,400 with 0.01. If all but the head is frozen: 514 and none.
#
# <details><summary>Hint</summary>Tensors are compared number by number, so <code>parameter in list</code> does not do what it says. Compare names
# (<code>named_parameters()</code>, <code>startswith("classifier.")</code>), or a set of <code>id(parameter)</code>.</details>


# %% nbgrader={"grade": false, "grade_id": "fine_tune_parameters", "locked": false, "schema_version": 3, "solution": true}
def fine_tune_parameters(model: nn.Module, head_lr: float, backbone_lr: float) -> list[dict]:
    """Groups for an optimizer: a learning rate for the head and one for the backbone.

    Args:
        model: has its head under `model.classifier`; left unchanged.
        head_lr: learning rate of the head's parameters.
        backbone_lr: learning rate of all others.

    Returns:
        Dictionaries with "params", a list of the model's own parameters, and "lr".
    """
    ### BEGIN SOLUTION
    backbone, head = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (head if name.startswith("classifier.") else backbone).append(parameter)
    return [{"params": backbone, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_fine_tune_parameters", "locked": true, "schema_version": 3, "solution": false}
def check_fine_tune_parameters() -> None:
    def numbers_at(model: nn.Module, rate: float) -> int:
        groups = fine_tune_parameters(model, head_lr=0.1, backbone_lr=0.01)
        return sum(p.numel() for group in groups if group["lr"] == rate for p in group["params"])

    model = SmallResNet(2)
    assert numbers_at(model, 0.1) == 514, f"{numbers_at(model, 0.1):,} numbers at the head's rate, expected 514"
    assert numbers_at(model, 0.01) == 1_226_400, f"{numbers_at(model, 0.01):,} at the backbone's, expected 1,226,400"
    groups = fine_tune_parameters(model, 0.1, 0.01)
    assert any(p is model.classifier.weight for group in groups for p in group["params"]), "the parameters, not copies"
    torch.optim.SGD(groups, lr=1.0)  # torch complains where a parameter is in two groups
    model.requires_grad_(False).classifier.requires_grad_(True)
    assert numbers_at(model, 0.01) == 0, "frozen parameters belong to no group"
    assert numbers_at(model, 0.1) == 514, "the head is not frozen"
    assert not model.stem[0].weight.requires_grad, "what was frozen stays frozen"
    print("514 numbers learn fast, 1,226,400 slowly; with a frozen backbone 514 in all")


check_fine_tune_parameters()

# %% [markdown] nbgrader={"grade": false, "grade_id": "repair_confusion_text", "locked": true, "schema_version": 3, "solution": false}
# ## 8. Repair a confusion matrix
# *Difficulty ●●○○ · importance ●●●○ · 20 minutes*
#
# Entry $(i, j)$ counts the images of class $i$ that were taken for class $j$: **rows are what is true**, columns what was predicted. On the diagonal stands what is right; a row sums to the number of images of its class.
#
# Below is a confusion matrix that runs without an error, and looks plausible. It is wrong in **three** places. Run the symptoms, find the causes, write `confusion_matrix`.
#
# *Worked numbers.* Labels $[0, 0, 0, 1, 1]$, predictions $[0, 0, 1, 1, 0]$, three classes:
# $\begin{bmatrix}2&1&0\\1&1&0\\0&0&0\end{bmatrix}$.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_broken_confusion", "locked": true, "schema_version": 3, "solution": false}
def broken_confusion_matrix(predictions: torch.Tensor, labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Wrong on purpose, three times."""
    size = int(labels.max()) + 1
    matrix = torch.zeros(size, size, dtype=torch.int64)
    inside = predictions < size
    matrix[predictions[inside], labels[inside]] += 1
    return matrix


def show_symptoms() -> None:
    labels, predictions = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([0, 0, 1, 1, 0])
    print("worked example:", broken_confusion_matrix(predictions, labels, 3).tolist())
    labels = torch.cat([torch.zeros(900), torch.ones(100)]).long()
    always_cat = broken_confusion_matrix(torch.zeros(1000).long(), labels, 2)
    print(f"900 cats, 100 dogs, always “cat”: {always_cat.tolist()}, of 1000 images {always_cat.sum()} counted")
    print("recalls of that network, from the matrix:", (always_cat.diag() / always_cat.sum(dim=1)).tolist())


show_symptoms()


# %% nbgrader={"grade": false, "grade_id": "repair_confusion", "locked": false, "schema_version": 3, "solution": true}
def confusion_matrix(predictions: torch.Tensor, labels: torch.Tensor, classes: int) -> torch.Tensor:
    """How often each class was taken for each.

    Args:
        predictions: int64 `(N,)` in 0..classes−1; left unchanged.
        labels: int64 `(N,)` in 0..classes−1; left unchanged. Not every class has to occur.
        classes: number of classes.

    Returns:
        int64 `(classes, classes)`: rows are true classes, columns predicted ones; sums to N.
    """
    ### BEGIN SOLUTION
    pairs = labels * classes + predictions
    return pairs.bincount(minlength=classes**2).reshape(classes, classes)
    ### END SOLUTION


# %% tags=["check"] nbgrader={"grade": true, "grade_id": "check_repair_confusion", "locked": true, "schema_version": 3, "solution": false}
def check_repair_confusion() -> None:
    labels, predictions = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([0, 0, 1, 1, 0])
    found = confusion_matrix(predictions, labels, 3)
    assert found.shape == (3, 3), f"three classes, so 3×3; yours is {tuple(found.shape)}"
    assert found.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]], f"{found.tolist()}: see the worked numbers"
    assert found.dtype == torch.int64, f"counts are int64, not {found.dtype}"
    labels = torch.cat([torch.zeros(900), torch.ones(100)]).long()
    always_cat = confusion_matrix(torch.zeros(1000).long(), labels, 2)
    assert always_cat.sum() == 1000, f"{always_cat.sum()} of 1000 images counted"
    recalls = always_cat.diag() / always_cat.sum(dim=1)
    print(
        f"always “cat”: accuracy {always_cat.diag().sum() / 1000:.0%}, recalls {recalls.tolist()}, mean {recalls.mean():.0%}"
    )


check_repair_confusion()

# %% [markdown] nbgrader={"grade": false, "grade_id": "truth_text", "locked": true, "schema_version": 3, "solution": false}
# ### The truth about your predictions
#
# Measured with what you have written. Were you right for the reason that you gave?


# %% tags=["check"] nbgrader={"grade": false, "grade_id": "truth", "locked": true, "schema_version": 3, "solution": false}
def show_truth() -> None:
    if not opened(lock, [predict_1, predict_2, predict_3], [reason_1, reason_2, reason_3]):
        return
    network = freeze(SmallResNet(8))
    network.classifier = nn.Linear(256, 2)
    print(f"1: training changes {sum(p.numel() for p in network.parameters() if p.requires_grad)} numbers")
    images, _ = small_images(64, seed=3)
    network = SmallResNet(2).requires_grad_(False).eval()
    with torch.no_grad():
        before = network(images[:1])
        network.train()
        for batch in images.split(16):
            network(batch)
        network.eval()
        change = (network(images[:1]) - before).abs().max().item()
    print(f"2: without any step of an optimizer a logit has moved by {change:.3f}")
    labels = torch.tensor([0] * 900 + [1] * 100)
    matrix = confusion_matrix(torch.zeros_like(labels), labels, 2).double()
    print(f"3: the mean of the recalls is {(matrix.diagonal() / matrix.sum(dim=1)).mean():.0%}")


show_truth()

# %% [markdown] nbgrader={"grade": false, "grade_id": "task_text", "locked": true, "schema_version": 3, "solution": false}
# ## 9. The task
# *Nothing to fill in; minutes on a GPU, about a quarter of an hour on a laptop with the course's weights*
#
# **Backbones.** The course's ResNet trained on eight classes of CIFAR-10, without cats and dogs; and the one that was trained on rotations and never saw a label (assignment 06). Where the data set is at hand (in the folder `CIFAR10_ROOT` or downloaded),
# but the weights beside `pretrained.py` are not, both are trained here (without a GPU on 5,000 images only, and knowing less). Where CIFAR-10 is not there and cannot be downloaded, procedural images stand in: eight kinds of figures for the backbone, two others for the task.
#
# **Another world.** Set `SOURCE = "pets"`: a ResNet-18 trained on ImageNet, and the photographs of Oxford-IIIT Pets (a download of about 800 MB). Nothing else changes; your `preprocess` and `pet_labels` do the work.
# Nobody has run this path for the course yet: the weights and the photographs have to be fetched first. If it fails for you, say so, and go on with CIFAR-10.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_task", "locked": true, "schema_version": 3, "solution": false}
SOURCE = "CIFAR-10"  # or "pets"
SMALL_TARGETS = ("square", "checks")  # of the procedural images


class Task(NamedTuple):
    """Two classes to be told apart, and networks that know something else. Images preprocessed, labels 0 and 1."""

    name: str
    classes: tuple[str, str]
    images: torch.Tensor  # (N, 3, S, S), to train on
    labels: torch.Tensor  # int64 (N,)
    test_images: torch.Tensor
    test_labels: torch.Tensor
    networks: dict[str, nn.Module]  # name -> network in eval mode, whose head is `classifier`
    known: list[str]  # what the logits of the first network stand for


def relabelled(labels: torch.Tensor, kept: Sequence[int]) -> torch.Tensor:
    """Labels 0, 1, … in the order of `kept`, −1 for all others; labels int64 `(N,)` in 0..9."""
    table = torch.full((10,), -1)
    table[list(kept)] = torch.arange(len(kept))
    return table[labels]


def small_network(classes: int) -> nn.Sequential:
    """Four convolutions, for the procedural images: `(N, 3, H, W)` -> 64 features -> logits `(N, classes)`."""
    layers, cin = [], 3
    for cout, stride in ((16, 1), (32, 2), (64, 1), (64, 2)):
        layers += [nn.Conv2d(cin, cout, 3, stride, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU()]
        cin = cout
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network.classifier = nn.Linear(cin, classes)
    return network


def pretrain(network: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, rotations: bool) -> nn.Module:
    """Train on labels, or (after assignment 06) on quarter turns. Returns the network in eval mode."""
    network.to(device).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=epochs * math.ceil(len(images) / 64))
    for _ in with_bar(range(epochs), "rotations, epochs" if rotations else "labels, epochs"):
        for chosen in torch.randperm(len(images)).split(64):
            x, y = images[chosen].to(device), labels[chosen]
            if rotations:
                quarters = [x[k::4].rot90(k, (2, 3)) for k in range(4)]
                x, y = torch.cat(quarters), torch.cat([torch.full((len(q),), k) for k, q in enumerate(quarters)])
            loss = F.cross_entropy(network(x), y.to(device))
            loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return network.eval()


def backbones(images: torch.Tensor, labels: torch.Tensor, known: Sequence[int], real: bool) -> dict[str, nn.Module]:
    """The two networks, loaded where the course's weights are at hand (for real images), else trained on `known`."""
    found = {}
    kept = relabelled(labels, known)
    for title, name, classes in (("eight classes", "resnet_eight_classes", 8), ("rotations", "resnet_rotation", 4)):
        try:
            if not real:
                raise FileNotFoundError("trained here, on procedural images")
            from pretrained import load_model

            found[title] = load_model(name).to(device)
        except (ImportError, FileNotFoundError) as reason:
            print(f"{title}: {reason}")
            torch.manual_seed(0)
            network = SmallResNet(classes) if real else small_network(classes)
            source = (kept >= 0).nonzero()[:, 0]
            source = source[: len(source) if device.type == "cuda" else 5000]  # minutes, not hours, on a laptop
            found[title] = pretrain(
                network, images[source], kept[source], 12 if real else 5 if FAST else 10, title == "rotations"
            )
    return found


def small_task() -> Task:
    """The procedural images, as photographs with whole numbers first."""
    names = list(CLASSES)
    parts = []
    for count, seed in ((1500 if FAST else 5000, 0), (1000 if FAST else 4000, 1)):
        images, labels = small_images(count, seed)
        photographs = (255 * images).round().to(torch.uint8).permute(0, 2, 3, 1)
        parts += [preprocess(photographs, 16, (0, 0, 0), (1, 1, 1)), labels]  # 16×16: four times as quick
    return two_of_ten("small images", names, SMALL_TARGETS, parts, real=False)


def cifar_task() -> Task:
    """CIFAR-10: 10,000 training images and 2,000 test images of cats and dogs, and a backbone that knows the rest."""
    from cifar10_images import load_cifar10

    parts = []
    for photographs, labels in (load_cifar10(train=True), load_cifar10(train=False)):
        parts += [preprocess(photographs, 32, (0, 0, 0), (1, 1, 1)), labels]
    names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    return two_of_ten("CIFAR-10", names, ("cat", "dog"), parts, real=True)


def two_of_ten(name: str, names: list[str], pair: tuple[str, str], parts: list[torch.Tensor], real: bool) -> Task:
    """The task of telling `pair` apart; `parts` are training images and labels, test images and labels."""
    images, labels, test_images, test_labels = parts
    targets = [names.index(one) for one in pair]
    known = [number for number in range(10) if number not in targets]
    y, test_y = relabelled(labels, targets), relabelled(test_labels, targets)
    networks = backbones(images, labels, known, real)
    part = (images[y >= 0], y[y >= 0], test_images[test_y >= 0], test_y[test_y >= 0])
    return Task(name, pair, *part, networks, [names[number] for number in known])


def pets_task() -> Task:
    """Oxford-IIIT Pets at 128×128, cats against dogs, and a ResNet-18 that knows ImageNet's thousand classes."""
    from PIL import Image
    from torchvision.datasets import OxfordIIITPet
    from torchvision.models import ResNet18_Weights, resnet18

    mean, std, parts = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), []
    for split, most in (("trainval", 2000), ("test", 1000)):
        OxfordIIITPet("data", split=split, download=True)
        folder = Path("data/oxford-iiit-pet")
        listed = [line.split()[0] for line in (folder / f"annotations/{split}.txt").read_text().splitlines()]
        names = [f"images/{listed[i]}.jpg" for i in torch.randperm(len(listed))[:most]]
        labels, breeds = pet_labels(names)
        photographs = [torch.frombuffer(bytearray(photo.tobytes()), dtype=torch.uint8).view(1, photo.height, photo.width, 3)
                       for photo in (Image.open(folder / name).convert("RGB") for name in names)]  # fmt: skip
        species = torch.tensor([int(breeds[label][0].islower()) for label in labels])  # dogs have no capital
        parts += [torch.cat([preprocess(photograph, 128, mean, std) for photograph in photographs]), species]
    weights = ResNet18_Weights.DEFAULT
    trunk = resnet18(weights=weights)
    network = nn.Sequential()
    network.trunk, network.classifier = trunk, trunk.fc
    trunk.fc = nn.Identity()
    return Task("pets", ("cat", "dog"), *parts, {"ImageNet": network.to(device).eval()}, weights.meta["categories"])


def load_task() -> Task:
    """The task that SOURCE names; procedural images where it is not to be found, and in a trial run."""
    if not FAST:
        from cifar10_images import announce_stand_in

        try:
            return pets_task() if SOURCE == "pets" else cifar_task()
        except NotImplementedError:  # a blank: not the data's fault
            raise
        except (ImportError, OSError, RuntimeError) as problem:
            announce_stand_in(SOURCE, problem)
    return small_task()


def visible(image: torch.Tensor) -> torch.Tensor:
    """A preprocessed image `(3, S, S)` for `imshow`: `(S, S, 3)`, from its least value 0 to its greatest 1."""
    return ((image - image.amin()) / (image.amax() - image.amin())).permute(1, 2, 0)


def ready(*names: str) -> None:
    """Raise NotImplementedError, with what to do, where a result of an earlier cell is not there yet."""
    missing = [name for name in names if name not in globals()]
    if missing:
        raise NotImplementedError(f"no {', '.join(missing)} yet: fill parts 2 to 8, then run the cells of part 9 on")


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false}
task = load_task()
print(
    f"{task.name}: {task.classes[0]} against {task.classes[1]}, {len(task.labels)} images to train on at most, {len(task.test_labels)} to test"
)
for title, network in task.networks.items():
    print(
        f"backbone {title!r}: {network.classifier.in_features} features, {network.classifier.out_features} classes of its own"
    )

# %% [markdown] nbgrader={"grade": false, "grade_id": "opinions_text", "locked": true, "schema_version": 3, "solution": false}
# ### What is a cat, to a network that knows no cats?
#
# Before anything is transferred: the first network must name one of *its* classes, and names whatever is most alike. If it calls cats and dogs by different names, its features tell them apart already.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_opinions", "locked": true, "schema_version": 3, "solution": false}
ready("task")
network = next(iter(task.networks.values()))
with torch.no_grad():
    said = torch.cat([network(x.to(device)).argmax(1).cpu() for x in task.test_images.split(250)])
counts = torch.stack([said[task.test_labels == c].bincount(minlength=len(task.known)) for c in (0, 1)])
usual = counts.sum(dim=0).argsort(descending=True)[:8].sort().values  # at most eight columns
share = (counts / counts.sum(dim=1, keepdim=True))[:, usual]
odd = [(task.test_labels == c).nonzero()[:3, 0] for c in (0, 1)]
figure, axes = plt.subplots(2, 4, figsize=(9.5, 2.9), layout="constrained", width_ratios=[1, 1, 1, 9])
for row, c in zip(axes, (0, 1), strict=True):
    for axis, i in zip(row, odd[c], strict=False):
        axis.imshow(visible(task.test_images[i]))
        axis.set_title(f"“{task.known[said[i]]}”", fontsize=8)
        axis.set(xticks=[], yticks=[])
    row[0].set_ylabel(task.classes[c], fontsize=9)
    row[3].bar(range(len(usual)), 100 * share[c], color=("tab:orange", "tab:blue")[c])
    for place, value in enumerate(share[c].tolist()):
        row[3].text(place, 100 * value + 2, f"{value:.0%}", ha="center", fontsize=8)
    row[3].set(ylim=(0, 125), yticks=[], xticks=range(len(usual)))
    row[3].set_xticklabels([task.known[i] for i in usual.tolist()] if c else [], fontsize=8)
    row[3].spines[["top", "right", "left"]].set_visible(False)
    row[3].set_title(f"what the network calls it: {task.classes[c]}", fontsize=9, loc="right", y=0.82)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "strange_text", "locked": true, "schema_version": 3, "solution": false}
# And images that are nothing like those it learnt from: two photographs of another kind, written digits, drawn figures, a test image whose pixels were shuffled, noise, plain grey. A network with a softmax must name *something*. Is it at least unsure?

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_strange", "locked": true, "schema_version": 3, "solution": false}
from sklearn.datasets import load_digits

ready("task")
side = task.images.shape[-1]
written = torch.from_numpy(load_digits().images[[0, 4, 8]]).float()[..., None].expand(-1, -1, -1, 3) * 255 / 16
drawn = (255 * small_images(40, seed=5)[0][:3]).permute(0, 2, 3, 1)
places = torch.randperm(side * side, generator=torch.Generator().manual_seed(0))
kinds = {
    "temple": torch.from_numpy(load_sample_image("china.jpg").copy())[None],
    "flower": photograph,
    "digits": written.to(torch.uint8),
    "figures": drawn.to(torch.uint8),
    "noise": (torch.rand(1, side, side, 3, generator=torch.Generator().manual_seed(0)) * 255).to(torch.uint8),
    "grey": torch.full((1, side, side, 3), 128, dtype=torch.uint8),
}
norm = (imagenet_mean, imagenet_std) if task.name == "pets" else ((0, 0, 0), (1, 1, 1))
strange = [(kind, image) for kind, shown in kinds.items() for image in preprocess(shown, side, *norm)]
strange.insert(2, ("shuffled", task.test_images[0].flatten(1)[:, places].view(3, side, side)))
with torch.no_grad():
    sure, called = network(torch.stack([image for _, image in strange]).to(device)).softmax(dim=1).cpu().max(dim=1)
    usual_sure = torch.cat([network(x.to(device)).softmax(1).amax(1).cpu() for x in task.test_images.split(250)])
figure, axes = plt.subplots(1, len(strange), figsize=(12.5, 1.7), layout="constrained")
for axis, (kind, image), confidence, c in zip(axes, strange, sure, called, strict=True):
    axis.imshow(image.permute(1, 2, 0).clamp(0, 1) if task.name != "pets" else visible(image))
    axis.set_title(f"“{task.known[c]}”\n{confidence:.0%}", fontsize=8)
    axis.set_xlabel(kind, fontsize=8)
    axis.set(xticks=[], yticks=[])
plt.show()
print(f"mean confidence on these {sure.mean():.0%}, on {task.classes[0]} and {task.classes[1]} {usual_sure.mean():.0%}")

# %% [markdown] nbgrader={"grade": false, "grade_id": "transfer_text", "locked": true, "schema_version": 3, "solution": false}
# ## 10. From scratch, probe, fine-tune
#
# Every method gets the same balanced handful of labels, several times with other draws. The probe takes features once and fits 514 numbers; fine-tuning starts from the same backbone with a new head; from scratch starts the same network from chance.


# %% tags=["given"] nbgrader={"grade": false, "grade_id": "given_transfer", "locked": true, "schema_version": 3, "solution": false}
def scaled(features: torch.Tensor, others: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both shifted and scaled alike, so that the first `(N, D)` have mean 0 and mean squared length 1."""
    centre = features.mean(dim=0)
    length = (features - centre).square().sum(dim=1).mean().sqrt().clamp_min(1e-6)
    return (features - centre) / length, (others - centre) / length


def with_new_head(network: nn.Module, classes: int = 2) -> nn.Module:
    """A copy of the network with a new head, all of it to be trained."""
    twin = copy.deepcopy(network).requires_grad_(True)
    twin.classifier = nn.Linear(network.classifier.in_features, classes).to(device)
    return twin


def without_knowledge(network: nn.Module) -> nn.Module:
    """The same network with new weights."""
    twin = with_new_head(network)
    for part in twin.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()
    return twin


def all_features(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Features `(N, D)` of a frozen copy without its head, 250 images at a time, on the processor."""
    backbone = freeze(copy.deepcopy(network))
    backbone.classifier = nn.Identity()
    loader = ((x.to(device), torch.zeros(len(x))) for x in images.split(250))
    return extract_features(backbone, loader)[0].cpu()


def fine_tune(
    network: nn.Module, images: torch.Tensor, labels: torch.Tensor, steps: int, head_lr: float, backbone_lr: float
) -> nn.Module:
    """SGD with a one-cycle rate, batches of at most 64, half of the images mirrored. Returns the network in eval mode."""
    groups = fine_tune_parameters(network, head_lr, backbone_lr)
    optimizer = torch.optim.SGD(groups, lr=head_lr, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [g["lr"] for g in groups], total_steps=steps)
    network.to(device).train()
    for _ in range(steps):
        chosen = torch.randperm(len(images))[:64]
        x, flip = images[chosen], torch.rand(len(chosen), 1, 1, 1) < 0.5
        loss = F.cross_entropy(network(torch.where(flip, x.flip(-1), x).to(device)), labels[chosen].to(device))
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return network.eval()


@torch.no_grad()
def all_logits(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits `(N, C)`, 250 images at a time, on the processor."""
    return torch.cat([network(x.to(device)).cpu() for x in images.split(250)])


def handful(labels: torch.Tensor, count: int, seed: int) -> torch.Tensor:
    """Indices of `count` images, half of each class, drawn with the seed."""
    generator = torch.Generator().manual_seed(seed)
    drawn = []
    for c in (0, 1):
        places = (labels == c).nonzero()[:, 0]
        drawn.append(places[torch.randperm(len(places), generator=generator)[: count // 2]])
    return torch.cat(drawn)


# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_transfer", "locked": true, "schema_version": 3, "solution": false}
ready("task")
label_counts, seeds, steps = ((10, 50, 200), 2, 20) if FAST else ((10, 100, 1000), 3, 100)
first = next(iter(task.networks))
features = {
    title: [all_features(net, x) for x in (task.images, task.test_images)] for title, net in task.networks.items()
}
test_logits: dict[str, dict[int, list[torch.Tensor]]] = {}


def note(method: str, count: int, logits: torch.Tensor) -> None:
    test_logits.setdefault(method, {}).setdefault(count, []).append(logits.detach())


for count in label_counts:
    for seed in range(seeds):
        torch.manual_seed(own.seed + seed)
        few = handful(task.labels, count, own.seed + seed)
        for title, (pool, tests) in features.items():
            train_features, test_features = scaled(pool[few], tests)
            probe = train_linear_probe(train_features, task.labels[few], 2, steps=300, lr=2.0, weight_decay=1e-3)
            note(f"probe: {title}", count, probe(test_features))
        tuned = fine_tune(with_new_head(task.networks[first]), task.images[few], task.labels[few], steps, 0.05, 0.01)
        note(f"fine-tune: {first}", count, all_logits(tuned, task.test_images))
        fresh = fine_tune(
            without_knowledge(task.networks[first]), task.images[few], task.labels[few], steps, 0.05, 0.05
        )
        note("from scratch", count, all_logits(fresh, task.test_images))
    means = {method: torch.stack([(z.argmax(1) == task.test_labels).float().mean() for z in found[count]]).mean()
             for method, found in test_logits.items()}  # fmt: skip
    print(f"{count:4} labels:", "   ".join(f"{method} {mean:.1%}" for method, mean in means.items()))

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_transfer", "locked": true, "schema_version": 3, "solution": false}
ready("test_logits")
figure, axis = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
for (method, found), marker in zip(sorted(test_logits.items()), "os^Dv", strict=False):
    curves = torch.tensor(
        [[100 * (z.argmax(1) == task.test_labels).float().mean() for z in found[n]] for n in label_counts]
    )
    line = axis.plot(
        label_counts, curves.mean(dim=1), marker=marker, label=method, linestyle=":" if "scratch" in method else "-"
    )
    axis.fill_between(label_counts, curves.amin(dim=1), curves.amax(dim=1), alpha=0.15, color=line[0].get_color())
axis.axhline(50, color="grey", linewidth=0.8)
axis.set(xscale="log", xlabel="labelled images", ylabel="test accuracy, %", ylim=(45, 101))
axis.set_title(f"{task.name}: {task.classes[0]} against {task.classes[1]}", fontsize=10)
axis.set_xticks(label_counts, [str(n) for n in label_counts])
axis.minorticks_off()
axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "errors_text", "locked": true, "schema_version": 3, "solution": false}
# ### Who is taken for whom?
#
# Confusion matrices at the fewest labels and at the most, and the test images on which the fine-tuned network is most surely wrong.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_errors", "locked": true, "schema_version": 3, "solution": false}
ready("test_logits")
shown = [(f"probe: {first}", label_counts[0]), (f"fine-tune: {first}", label_counts[-1])]
figure = plt.figure(figsize=(10.5, 3), layout="constrained")
grid = figure.add_gridspec(2, 9)
for place, (method, count) in enumerate(shown):
    matrix = confusion_matrix(test_logits[method][count][0].argmax(1), task.test_labels, 2)
    axis = figure.add_subplot(grid[:, 2 * place : 2 * place + 2])
    axis.imshow(matrix / matrix.sum(dim=1, keepdim=True), cmap="Blues", vmin=0, vmax=1)
    for i in (0, 1):
        for j in (0, 1):
            axis.text(
                j, i, int(matrix[i, j]), ha="center", va="center", color="white" if i == j else "black", fontsize=11
            )
    axis.set_xticks((0, 1), task.classes, fontsize=8)
    axis.set_yticks((0, 1), task.classes, fontsize=8, rotation=90, va="center")
    axis.set_xlabel("taken for", fontsize=8)
    axis.set_ylabel("true", fontsize=8)
    axis.set_title(f"{method},\n{count} labels", fontsize=8)
logits = test_logits[shown[1][0]][label_counts[-1]][0]
losses = F.cross_entropy(logits, task.test_labels, reduction="none")
surest = losses.masked_fill(logits.argmax(dim=1) == task.test_labels, 0).argsort(descending=True)
errors = int((logits.argmax(dim=1) != task.test_labels).sum())
for place, i in enumerate(surest[: min(errors, 10)].tolist()):
    axis = figure.add_subplot(grid[place // 5, 4 + place % 5])
    axis.imshow(visible(task.test_images[i]))
    sure = logits[i].softmax(dim=0).amax()
    axis.set_title(f"“{task.classes[logits[i].argmax()]}”, {sure:.0%}", fontsize=8)
    axis.set(xticks=[], yticks=[])
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "shifts_text", "locked": true, "schema_version": 3, "solution": false}
# ### Is the best network the best everywhere?
#
# Djolonga et al. (assignment 05) begin with this question: do networks that are good for *another task* also hold better when the *images* change? The course's six networks, and three as they are before any training, were asked once, all in the same way: features before the head,
# read by a ridge regression. Fitted to 1,500 clean images of CIFAR-10 it is asked for clean test images, and for **changed** ones (noise, turned by 30°, small on grey, coarse and enlarged, cut out before another's background). Fitted to ten images a class it is asked for the rest of
# **another task**: written digits, and the course's procedural figures. Each point is a mean, each line reaches over three draws of the images that the ridge is fitted to.

# %% tags=["train", "figure"] nbgrader={"grade": false, "grade_id": "figure_shifts", "locked": true, "schema_version": 3, "solution": false}
# of each network millions of parameters, then accuracy in percent, three draws each: clean images, changed ones, another task
asked = {
    "baseline": (7.8, (87.7, 87.9, 86.8), (56.8, 56.0, 55.8), (62.1, 61.3, 61.7)),
    "mobilenet": (1.2, (85.3, 86.0, 85.7), (52.9, 52.7, 52.3), (64.6, 64.3, 64.4)),
    "mobilenet distilled": (1.2, (86.0, 85.3, 86.1), (54.6, 53.3, 54.3), (69.9, 71.4, 69.2)),
    "resnet supervised": (1.2, (89.0, 88.5, 88.0), (53.5, 52.6, 52.4), (67.3, 68.2, 66.8)),
    "resnet rotation": (1.2, (52.0, 53.8, 54.9), (27.1, 24.3, 28.5), (58.8, 62.2, 58.1)),
    "resnet eight classes": (1.2, (76.8, 77.8, 78.5), (47.2, 47.1, 45.8), (66.0, 64.1, 66.5)),
    "baseline, untrained": (7.8, (24.8, 26.3, 25.6), (20.4, 19.9, 18.8), (46.6, 47.2, 44.0)),
    "mobilenet, untrained": (1.2, (18.5, 17.8, 17.2), (13.1, 12.7, 12.2), (18.9, 15.6, 17.4)),
    "resnet, untrained": (1.2, (30.1, 31.3, 30.1), (21.7, 21.8, 21.1), (46.0, 45.2, 44.4)),
}
figure, axes = plt.subplots(2, 2, figsize=(10.5, 6), sharey="row", layout="constrained")
for row, many in zip(axes, (9, 4), strict=True):  # all, and below them those that learnt all ten classes
    for axis, column in zip(row, (1, 3), strict=True):
        for number, (name, found) in enumerate(list(asked.items())[:many], start=1):
            x, y = sum(found[column]) / 3, sum(found[2]) / 3
            colour = "0.6" if "untrained" in name else f"C{number}"
            axis.plot((min(found[column]), max(found[column])), (y, y), color=colour)
            axis.plot((x, x), (min(found[2]), max(found[2])), color=colour)
            axis.scatter(x, y, s=150, color=colour, zorder=3, label=f"{number} {name}, {found[0]} M")
            axis.text(x, y, str(number), color="white", ha="center", va="center", fontsize=8, zorder=4)
    row[0].set_ylabel("changed images: accuracy, %")
axes[1, 0].set_xlabel("clean images: accuracy, %")
axes[1, 1].set_xlabel("another task, ten images a class: accuracy, %")
axes[0, 1].legend(
    fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), title="millions of parameters, without the head"
)
plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "hand_in_text", "locked": true, "schema_version": 3, "solution": false}
# ## 11. Hand in predictions
#
# With all the labels there are: the cell below fine-tunes the first network; change what you like, then write your answer for every test image of cats and dogs, in the order of CIFAR-10's test set: 2,000 lines, 0 for a cat and 1 for a dog. **Hand in `transfer_predictions.csv` beside the
# notebook.** It is scored by accuracy: 65 % and 75 % earn the points, the rest is for the leaderboard. The labels of this test set are public: whoever copies them wins nothing that is worth having. (In a trial run, and without CIFAR-10,
# the file holds predictions for procedural images, and is not to be handed in.)

# %% tags=["train"] nbgrader={"grade": false, "grade_id": "train_hand_in", "locked": true, "schema_version": 3, "solution": false}
ready("task")
torch.manual_seed(0)
best = fine_tune(with_new_head(task.networks[first]), task.images, task.labels, 20 if FAST else 600, 0.05, 0.02)
predictions = all_logits(best, task.test_images).argmax(dim=1)
lines = ["index,label", *(f"{index},{label}" for index, label in enumerate(predictions.tolist()))]
Path("transfer_predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
print(
    f"{task.name}: {(predictions == task.test_labels).float().mean():.1%} right; wrote transfer_predictions.csv, {len(predictions)} predictions"
)
print(f"{task.classes[0]} and {task.classes[1]}:", confusion_matrix(predictions, task.test_labels, 2).tolist())

# %% [markdown] nbgrader={"grade": true, "grade_id": "transfer_curves", "locked": false, "schema_version": 3, "solution": true}
# ## 12. What did the labels buy?
# *30 minutes · graded by a person*
#
# From **your own** curves, with numbers: which method wins at the fewest labels, which at the most, and where do two curves cross or come close? Compare differences with the bands. Compare the two backbones: which of them transfers better, and what did each of them see
# before? Say which method you would take for fifty labelled photographs of two kinds of mushrooms, and why. Last, the nine networks of part 10: does accuracy on clean images, or on another task, tell which network holds when images change? What would you believe if you had seen only the four networks that were trained on all ten classes?
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - reading (1): quotes accuracies of at least two methods at the fewest and at the most labels, and says of at least one difference whether it exceeds the bands.
# - few labels (1): few parameters to fit, so the probe cannot overfit much; from scratch there are a million numbers and ten labels. Names what fine-tuning risks (forgetting, overfitting), and makes a choice for fifty mushrooms that fits.
# - backbones (1): compares both by numbers, and ties the difference to their tasks: labels of eight other classes against quarter turns; notes that the rotation network saw all images, without labels, or that the eight-class one saw similar classes.
# - nine networks (1): with numbers: over all nine clean and changed accuracy rise together; among the four the order turns (best on clean images is not best on changed ones, and the baseline, best on changed ones, is last for other tasks). Few points of one data set are no law; a reason (all learnt from the same images, few architectures, untrained ones stretch the line) counts.
#
# *Full marks, for example.* At 10 labels the probe on the eight-class network has 61 %, fine-tuning 60 %, from scratch 52 %; at 1,000 labels 74, 77 and 62 %. Probe and
# fine-tuning cross between 100 and 1,000. At 10 labels their difference of one point is far smaller than the bands (8 points), at 1,000 the three points exceed them (1 to
# 2). The probe fits 514 numbers, so ten labels cannot spoil much; from scratch a million numbers meet ten labels; fine-tuning lies between, and risks forgetting. For fifty mushrooms I would take a probe on a backbone of natural photographs: at fifty labels it wins or draws. The
# eight-class backbone transfers better than that of rotations (74 against 66 % at 1,000): it has learnt to tell horses from deer, which are much like cats and dogs, from
# 36,000 labels, while the other saw all images, cats and dogs too, without a label. Over all nine networks accuracy on
# clean and on changed images rises together, from 18 and 13 % (MobileNet, untrained) over 54 and 27 (rotations) to 88 and 53. But among the four that learnt ten classes the order turns: the ResNet is best on clean images (88.5 %) and has 52.8 % of the changed ones, the baseline
# 87.5 and 56.2; that is three points, where the draws differ by one. For other tasks the baseline is last (61.7 %) and the distilled MobileNet first (70). From these four I would have believed that what transfers does not hold. Four points are no law, nor are nine: untrained networks stretch the
# line, and even they know 80 % of the digits.
#
# *Half marks, for example.* With few labels the probe is best and with many fine-tuning is best, from scratch is always the worst (52 and 62 %). The eight-class backbone
# is better than rotations (74 against 66 %), because it has learnt from labels of similar animals and the other from turns only. For mushrooms I would fine-tune. Better networks are more robust. (*reading
# half: one method, no bands; few labels half: a choice without a reason; backbones 1; nine networks 0: no numbers. Two of four.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": true, "grade_id": "who_is_confused", "locked": false, "schema_version": 3, "solution": true}
# ## 13. Who is confused with whom?
# *20 minutes · graded by a person*
#
# From **your own** matrices and images: is the error symmetric, and does it stay so from few labels to many? What does the accuracy alone hide? Describe two of the surest errors: what in the image misled the network, and does the figure "what the network calls it" of
# part 9 explain it? One change of data or training that you would try first, and how you would see whether it helped.
#
# *Your answer:*
#
# ### BEGIN MARK SCHEME
# - matrix (1): reads both recalls from the matrices with numbers, says which class is favoured, and that accuracy alone does not show it.
# - errors (1): two errors described from the figure, with a plausible cause in the image or in what the backbone knew before.
# - change (1): one change aimed at that cause, with the number or picture that would show whether it helped.
#
# *Full marks, for example.* With 10 labels the probe finds 812 of 1,000 cats and 410 of 1,000 dogs: it says "cat" too often. After fine-tuning with 1,000 labels the
# recalls are 75 and 78 %, almost even. Accuracy alone (61 and 77 %) hides that the first network is nearly blind for dogs. Sure errors: a white dog in snow taken for a cat
# with 98 %: little contrast, pointed ears; and a cat on grass from behind, taken for a dog: on grass the eight-class network says "deer" or "horse", and in the figure of
# part 9 dogs are called horse three times as often as cats, so grass and four legs speak for dog. I would try first more cats out of doors among the labels, and look
# whether the recall of cats on green images rises and not only the accuracy.
#
# *Half marks, for example.* The error is not symmetric with few labels: dogs are confused with cats more often. Later it is better. One sure error is a white dog with
# pointed ears in the snow, another a cat on grass, where the eight-class network knows deer and horses. I would use more data. (*matrix half: no recalls; errors 1; change
# 0: aimed at nothing. One and a half of three.*)
# ### END MARK SCHEME

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_text", "locked": true, "schema_version": 3, "solution": false}
# ## 14. Quiz
# *10 minutes.* One answer each.

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_1_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 1.** You fine-tune with `backbone_lr = 0` and `model.train()`, no weight decay. After training, in eval mode, the backbone's features of an image are
#
# - **a** others: its batch norms have taken over statistics of the new images
# - **b** the same as before: a rate of zero is a frozen backbone, whatever mode it is in
# - **c** others: gradients have gone through it
# - **d** all zero

# %% nbgrader={"grade": false, "grade_id": "quiz_1", "locked": false, "schema_version": 3, "solution": true}
quiz_1 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_1 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_2_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 2.** A backbone was trained on images normalised with ImageNet's means and deviations. You have ten photographs. Which numbers do you normalise them with?
#
# - **a** ImageNet's: the network is a function of images in that form
# - **b** the means and deviations of your ten photographs, which are the data now
# - **c** each photograph's own mean and deviation
# - **d** none: batch norm in eval mode normalises them

# %% nbgrader={"grade": false, "grade_id": "quiz_2", "locked": false, "schema_version": 3, "solution": true}
quiz_2 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_2 = "a"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_3_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 3.** `features = torch.cat([net(x) for x, _ in loader])`, then `labels = torch.cat([y for _, y in loader])`. The loader shuffles. A probe for two equally frequent classes, fitted on a thousand of these pairs, gets on test images about
#
# - **a** what a probe on well-matched pairs gets, since each list holds the same thousand images
# - **b** 0 %: all labels are exchanged
# - **c** 100 %, since it has seen every image twice
# - **d** 50 %: labels that have nothing to do with the features

# %% nbgrader={"grade": false, "grade_id": "quiz_3", "locked": false, "schema_version": 3, "solution": true}
quiz_3 = None  # one of "a", "b", "c", "d"
### BEGIN SOLUTION
quiz_3 = "d"
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_4_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 4, with your own numbers.** `own.matrix` is a confusion matrix: rows are true, columns predicted, cats first. Of the images that the network *calls* dogs, which percentage are dogs? A number, to within 0.1.

# %% nbgrader={"grade": false, "grade_id": "quiz_4", "locked": false, "schema_version": 3, "solution": true}
quiz_4 = None  # a number
### BEGIN SOLUTION
quiz_4 = 100 * own.matrix[1][1] / (own.matrix[0][1] + own.matrix[1][1])  # down the column
### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "quiz_5_text", "locked": true, "schema_version": 3, "solution": false}
# **Question 5.** The probe starts from weights that are all zero, and learns. Why does one not start a network with hidden layers and ReLU from all zero?
#
# - **a** cross-entropy is not defined for logits that are all zero
# - **b** its loss is convex, so that gradient descent would solve it in one step and nothing would be left to learn
# - **c** batch norm would divide by zero
# - **d** every hidden number is zero and its gradient too, so that nothing but the last bias can learn

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
        if number == 4:
            assert isinstance(answer, (int, float)), f"quiz_{number} is {answer!r}: it is a number of your own"
        else:
            assert answer in ("a", "b", "c", "d"), f'quiz_{number} is {answer!r}: choose one of "a", "b", "c", "d"'
    print("Five answers given.")


check_quiz()

# %% [markdown] nbgrader={"grade": false, "grade_id": "bonus", "locked": true, "schema_version": 3, "solution": false}
# ## For the curious (no points)
#
# * Probe the eight-class network after each stage (assignment 06). Where do cats and dogs come apart best? At the end, as for its own classes?
# * Fine-tune with the same rate for head and backbone, and with 0.0001 for the backbone. Where is the best ratio at 10 labels, where at 1000?
# * Preprocess the test images wrongly on purpose: without the division by 255, colours reversed, squashed. What does each cost, before and after fine-tuning on images that are wrong in the same way?
