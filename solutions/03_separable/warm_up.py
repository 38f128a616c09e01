"""Runs once before any submission, so that oneDNN has made its code for the layers of the notebook's own check cells.

Public: layers and sizes that the starter shows, and nothing else.
"""

import torch
from torch import nn

WIDTHS = (128, 128, 128, 256, 256, 256, 512, 512, 512, 512)
STRIDES = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1)


def run(layer: nn.Module, *size: int) -> torch.Tensor:
    return layer(torch.zeros(size))


def step(cin: int, cout: int, k: int, stride: int = 1, groups: int = 1, bias: bool = True) -> nn.Sequential:
    conv = nn.Conv2d(cin, cout, k, stride=stride, padding=k // 2, groups=groups, bias=bias)
    return nn.Sequential(conv, nn.BatchNorm2d(cout), nn.ReLU())


with torch.no_grad():
    # the separable layer's check: both halves, and the full convolution
    for stride, size in ((2, (2, 3, 9, 12)), (1, (1, 3, 7, 6))):
        run(nn.Conv2d(3, 8, 1), *run(nn.Conv2d(3, 3, 3, stride, padding=1, groups=3), *size).shape)
    run(nn.Conv2d(3, 8, 3, padding=1), 1, 3, 7, 6)

    # the network's check: a first convolution, ten pairs, a linear layer
    x, cin = run(step(3, 64, 3).eval(), 2, 3, 9, 12), 64
    for width, stride in zip(WIDTHS, STRIDES, strict=True):
        x = step(cin, width, 1).eval()(step(cin, cin, 3, stride, groups=cin).eval()(x))
        cin = width
    nn.Linear(cin, 10)(x.mean(dim=(2, 3)))

    # the count's check
    run(nn.Conv2d(3, 8, 3, stride=2, padding=1), 1, 3, 6, 10)
    run(nn.Conv2d(4, 4, 3, padding=1, groups=4), 1, 4, 5, 5)
    run(
        nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(24, 5)).eval(),
        1,
        3,
        2,
        3,
    )

# the blocks' checks, which keep what a backward pass would need
for groups in (1, 16):
    y = run(step(16, 16, 3, 2, groups, bias=False), 2, 16, 16, 16)
    step(16, 32, 1, bias=False)(y)
    step(16, 32, 1, 2)(y)
