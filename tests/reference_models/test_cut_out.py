"""Objects are cut out along their outline, and what is not clear is left alone."""

from __future__ import annotations

import pytest
import torch

from reference_models.cut_out import cut_out, painted_over


@pytest.fixture(scope="module")
def scene() -> tuple[torch.Tensor, torch.Tensor]:
    """A noisy blue image with a ring of two shades of red in the middle, and where the disc within its rim is."""
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(32) + 0.5 - 16
    radius = (y[:, None].square() + y.square()).sqrt()
    image = torch.tensor([0.2, 0.3, 0.7])[:, None, None].expand(3, 32, 32).clone()
    ring = (radius < 9) & (radius > 2)
    image[:, ring] = torch.tensor([0.8, 0.2, 0.1])[:, None]
    image[0, ring & (y > 0)] = 0.6
    return image + 0.03 * torch.randn(3, 32, 32, generator=generator), radius < 9


def test_an_object_of_another_colour_is_cut_out_with_what_it_encloses(scene: tuple[torch.Tensor, torch.Tensor]) -> None:
    image, disc = scene
    mask = cut_out(image[None])[0, 0]
    assert ((mask > 0.5) != disc).float().mean() < 0.01
    assert mask[16, 16] == 1, "a small hole is part of the object"
    assert mask[0, 0] == 0


@pytest.mark.parametrize("change", ["noise alone", "like its surroundings", "two pieces", "over the edge"])
def test_what_is_not_clear_has_no_mask(scene: tuple[torch.Tensor, torch.Tensor], change: str) -> None:
    image, disc = scene[0].clone(), scene[1]
    if change == "noise alone":
        image = 0.5 + 0.05 * torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(1))
    if change == "like its surroundings":
        image[:, disc] = image[:, :1, :1].expand(3, 32, 32)[:, disc]
    if change == "two pieces":
        image = scene[0][:, :1, :1].expand(3, 32, 32).clone()
        image[:, 6:26, 6:13] = image[:, 6:26, 19:26] = 0.9
    if change == "over the edge":
        image = image.roll(12, dims=2)
    assert not cut_out(image[None]).any()


def test_each_image_has_its_own_answer(scene: tuple[torch.Tensor, torch.Tensor]) -> None:
    image, _ = scene
    noise = 0.5 + 0.05 * torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(1))
    together = cut_out(torch.stack([noise, image, noise]))
    assert torch.equal(together[1], cut_out(image[None])[0])
    assert not together[::2].any()
    assert cut_out(torch.zeros(2, 3, 32, 32)).tolist() == torch.zeros(2, 1, 32, 32).tolist(), "one colour"


def test_a_hole_is_painted_with_its_surroundings() -> None:
    image = torch.zeros(1, 3, 16, 16)
    image[:, 0, :, :8], image[:, 1, :, 8:] = 1.0, 1.0  # red to the left, green to the right
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 4:12, 2:14] = 1.0
    expected = image.clone()
    image[:, :, 4:12, 2:14] = torch.tensor([0.0, 0.0, 1.0])[:, None, None]  # a blue object
    painted = painted_over(image, mask)
    known = mask.expand_as(image) == 0
    assert torch.equal(painted[known], image[known])
    assert not painted[:, 2].any(), "nothing of the object is left"
    assert (painted - expected)[..., 4].abs().max() < 0.1
    with pytest.raises(ValueError, match="covers its whole image"):
        painted_over(image, torch.ones(1, 1, 16, 16))
