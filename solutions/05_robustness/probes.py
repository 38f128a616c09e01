"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points.

`crop_predictions` may call the notebook's `sliding_crops`. So that a mistake there is not paid for twice, its tests can
put crops that they send along in place of that call.
"""

import torch


def use_crops(image: torch.Tensor, size: int, stride: int, crops: torch.Tensor, corners: torch.Tensor) -> None:
    """Let `crop_predictions` find these crops where it asks for those of this image; other calls go where they went."""
    names = getattr(student.crop_predictions, "__globals__", {})  # noqa: F821 - set by the engine: the notebook's names
    own = names.get("sliding_crops")

    def known_crops(*args, **kwargs):
        asked = dict(zip(("image", "size", "stride"), args)) | kwargs  # noqa: B905 - fewer where given by name
        known = (asked.get("size"), asked.get("stride")) == (size, stride)
        if known and isinstance(asked.get("image"), torch.Tensor) and torch.equal(asked["image"], image):
            return crops.clone(), corners.clone()
        return own(*args, **kwargs)

    names["sliding_crops"] = known_crops


def noisy_factory(count: int, classes: int):
    """A factory of `count` images `(3, 5, 4)`: noise and labels from the generator, the value added to red."""

    def factory(value: float, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        images = torch.randn(count, 3, 5, 4, generator=generator)
        images[:, 0] += value
        return images, torch.randint(classes, (count,), generator=generator)

    return factory
