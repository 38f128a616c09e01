"""The small residual network of assignment 06: ResNet-18 shrunk in depth and width.

After He et al., "Deep Residual Learning for Image Recognition" (2016), in the form that suits 32×32 images: a 3×3
stem without pooling, then stages of basic blocks, of which every stage but the first halves height and width. No
convolution has a bias. With one block in each of four stages of width 32, 64, 128 and 256: 1,228,970 parameters for
ten classes, 1,227,428 for the four of a rotation head, 1,228,456 for eight classes; 63,801,856 multiply-accumulates
for one 32×32 image and ten classes. Takes images of any size from 1×1 upwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

WIDTHS = (32, 64, 128, 256)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a way around them: `(N, cin, H, W)` -> `(N, cout, ceil(H/stride), ceil(W/stride))`.

    The way around is the identity where shapes agree, else a 1×1 convolution with batch norm.
    """

    def __init__(self, cin: int, cout: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride=stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ReLU of the sum of the two ways."""
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class SmallResNet(nn.Module):
    """Images `(N, 3, H, W)` -> logits `(N, classes)`."""

    def __init__(self, classes: int = 10, blocks: Sequence[int] = (1, 1, 1, 1), widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        cin = widths[0]
        self.stem = nn.Sequential(nn.Conv2d(3, cin, 3, padding=1, bias=False), nn.BatchNorm2d(cin), nn.ReLU())
        stages = []
        for i, (count, cout) in enumerate(zip(blocks, widths, strict=True)):
            strides = [1 if i == 0 else 2] + [1] * (count - 1)
            stages.append(nn.Sequential(*(BasicBlock(cin if j == 0 else cout, cout, s) for j, s in enumerate(strides))))
            cin = cout
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(cin, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of a batch: stem, stages, mean over height and width, linear layer."""
        return self.classifier(self.stages(self.stem(images)).mean(dim=(2, 3)))
