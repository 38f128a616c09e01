"""Crops, flips and rotations of uint8 images in memory, drawn from one generator.

Images are kept as `(N, H, W, 3)` uint8: a gathered batch is then already laid out channels last.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from reference_models.recipes import ROTATIONS

SHIFT = 8  # a crop's corner takes one of at least SHIFT + 1 places in each direction


def pad_for(images: torch.Tensor, size: int) -> torch.Tensor:
    """Reflect `(N, H, W, 3)` uint8 at the borders so far that crops of `size` have SHIFT + 1 places."""
    border = max(0, (size + SHIFT - images.shape[1] + 1) // 2)
    if border == 0:
        return images
    planes = images.permute(0, 3, 1, 2).float()  # padding by reflection is not there for uint8
    return F.pad(planes, (border,) * 4, mode="reflect").to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def random_views(padded: torch.Tensor, index: torch.Tensor, size: int, generator: torch.Generator) -> torch.Tensor:
    """Cut a random crop of each chosen image, flipped left to right with chance one half.

    Args:
        padded: uint8 `(N, H, W, 3)`, from `pad_for`.
        index: int64 `(B,)`, which images.
        size: side of the crop in pixels, at most H and W.
        generator: on the processor, whatever device the images are on.

    Returns:
        uint8 `(B, size, size, 3)`.
    """
    n, (height, width) = len(index), padded.shape[1:3]
    top = torch.randint(0, height - size + 1, (n, 1), generator=generator)
    left = torch.randint(0, width - size + 1, (n, 1), generator=generator)
    flip = torch.randint(0, 2, (n, 1), generator=generator).bool()
    steps = torch.arange(size)
    rows = top + steps
    columns = left + torch.where(flip, size - 1 - steps, steps)
    index, rows, columns = (t.to(padded.device) for t in (index, rows, columns))
    return padded[index[:, None, None], rows[:, :, None], columns[:, None, :]]


def rotate_each(images: torch.Tensor, quarter_turns: torch.Tensor) -> torch.Tensor:
    """Turn each square image `(B, S, S, 3)` anticlockwise by its number of quarter turns `(B,)`, 0..3."""
    turned = images.clone()
    for k in range(1, ROTATIONS):
        chosen = quarter_turns == k
        turned[chosen] = torch.rot90(images[chosen], k, dims=(1, 2))
    return turned


def all_rotations(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all images as they are, then all after one quarter turn anticlockwise, …: `(4N, S, S, 3)`; the turns
    `(4N,)`."""
    turned = torch.cat([torch.rot90(images, k, dims=(1, 2)) for k in range(ROTATIONS)])
    return turned, torch.arange(ROTATIONS, device=images.device).repeat_interleave(len(images))


def to_floats(images: torch.Tensor) -> torch.Tensor:
    """Convert uint8 `(B, H, W, 3)` -> float32 `(B, 3, H, W)` in [0, 1], channels last in memory."""
    return images.permute(0, 3, 1, 2).float().div_(255)
