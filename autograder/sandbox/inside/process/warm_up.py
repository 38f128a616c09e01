"""Uses each common part of torch and matplotlib once in the zygote, so that no student process pays for first uses.

The first convolution of a process sets up oneDNN, the first backward pass the autograd engine, and so
on; every fork would do it again. Nothing of it is visible afterwards: student processes seed their
own generators. One thread only (the zygote sets it before): a fork does not survive others.
"""

from __future__ import annotations

import sys


def warm_up() -> None:
    """Use what of the two is imported."""
    if "torch" in sys.modules:
        _networks()
    if "matplotlib" in sys.modules:
        _figure()


def _figure() -> None:
    """Draw a figure, for fonts, ticks, and the library that writes PNG."""
    from matplotlib.figure import Figure

    from ..shell.figures import picture

    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.plot([1, 2], label="a")
    axes.set_title("a")
    axes.legend()
    picture(figure, 1 << 20)


def _networks() -> None:
    """Run a tiny network forward and backward, and do what tests do with tensors."""
    import torch
    from torch import nn
    from torch.nn import functional

    labels = torch.tensor([0, 1])
    for groups in (1, 4):
        network = nn.Sequential(
            nn.Conv2d(4, 8, 3, padding=1, groups=groups), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten()
        )
        images = torch.randn(2, 4, 6, 6, requires_grad=True)
        logits = nn.Linear(8 * 36, 3)(network(images))
        torch.autograd.backward(functional.cross_entropy(logits, labels))
        network.eval()(images.detach())
        network.load_state_dict(network.state_dict())
    scores = logits.detach()
    functional.kl_div(scores.log_softmax(1), scores.softmax(1), reduction="batchmean")
    (scores - scores.mean(0)) / scores.std(0, unbiased=False)
    (scores.argmax(1) == labels).float().mean().item()
    scores.logsumexp(1) - scores.gather(1, labels[:, None])[:, 0]
    torch.randint(3, (2,), generator=torch.Generator().manual_seed(0))
    torch.frombuffer(bytearray(16), dtype=torch.float32).clone().numpy().tobytes()
