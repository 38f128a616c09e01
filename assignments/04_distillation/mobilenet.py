"""The separable network of assignment 03: the baseline with every convolution but the first split in two.

After Howard et al., "MobileNets" (2017), and part III of V. Pătrăucean's convnet tutorial (TMLSS 2018).
A 3×3 depthwise convolution filters each channel alone, a 1×1 pointwise convolution mixes channels; batch
norm and ReLU follow each of them. 1,171,978 parameters and 58,438,656 multiply-accumulates for one
32×32 image: 6.65 and 5.52 times fewer than the baseline.
"""

from __future__ import annotations

import torch
from torch import nn

CHANNELS = (128, 128, 128, 256, 256, 256, 512, 512, 512, 512)  # of the ten pointwise convolutions
STRIDES = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1)  # of the ten depthwise convolutions


def conv_norm_relu(cin: int, cout: int, k: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A k×k convolution with bias, padded so that stride 1 keeps the size; batch norm; ReLU."""
    conv = nn.Conv2d(cin, cout, k, stride=stride, padding=k // 2, groups=groups)
    return nn.Sequential(conv, nn.BatchNorm2d(cout), nn.ReLU())


class MobileNet(nn.Module):
    """Images `(N, 3, H, W)` -> logits `(N, classes)`."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        layers, cin = [conv_norm_relu(3, 64, 3)], 64
        for cout, stride in zip(CHANNELS, STRIDES, strict=True):
            layers += [conv_norm_relu(cin, cin, 3, stride, groups=cin), conv_norm_relu(cin, cout, 1)]
            cin = cout
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(cin, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of a batch: features, mean over height and width, linear layer."""
        return self.classifier(self.features(images).mean(dim=(2, 3)))
