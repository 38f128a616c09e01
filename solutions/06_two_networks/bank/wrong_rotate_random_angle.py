# question: rotate_batch
# misconception: random_angle_up_to_the_turn
# sentence: Images are turned by a random angle of at most 90°, 180° or 270°, as a random augmentation does, not by exactly that.
# hint: The network is to tell four turns apart, so each has to be exact.

def rotate_batch(images):
    turned = []
    for k in range(4):
        angle = (2 * torch.rand(()) - 1) * k * math.pi / 2
        rows = torch.tensor([[torch.cos(angle), -torch.sin(angle), 0.0], [torch.sin(angle), torch.cos(angle), 0.0]])
        grid = F.affine_grid(rows.to(images.dtype).expand(len(images), 2, 3), list(images.shape), align_corners=False)
        turned.append(F.grid_sample(images, grid, align_corners=False))
    return torch.cat(turned), torch.arange(4).repeat_interleave(len(images))
