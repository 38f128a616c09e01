"""The baseline of assignment 01: eleven 3×3 convolutions, global average pooling, one linear layer.

After V. Pătrăucean's convnet tutorial (TMLSS 2018), part I. 7,793,610 parameters and 322,638,848
multiply-accumulates for one 32×32 image. Takes images of any size from 1×1 upwards.
"""

from __future__ import annotations

import torch
from torch import nn

CHANNELS = (64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512)
STRIDES = (1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1)


class BaselineNet(nn.Module):
    """Images `(N, 3, H, W)` -> logits `(N, classes)`."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        cin = 3
        for cout, stride in zip(CHANNELS, STRIDES, strict=True):
            layers += [nn.Conv2d(cin, cout, 3, stride=stride, padding=1), nn.BatchNorm2d(cout), nn.ReLU()]
            cin = cout
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(cin, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of a batch: features, mean over height and width, linear layer."""
        return self.classifier(self.features(images).mean(dim=(2, 3)))
