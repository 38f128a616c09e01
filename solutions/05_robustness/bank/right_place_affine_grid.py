# question: place_object
# note: one affine matrix in normalised coordinates, foreground and mask read in one go

def place_object(background, foreground, mask, location, scale, angle):
    H, W = background.shape[1:]
    h, w = mask.shape[1:]
    z = (scale * H * W / (h * w)) ** 0.5
    a = angle * math.pi / 180
    c, s = math.cos(a) / z, math.sin(a) / z
    x0, y0 = 2 * location[1] - 1, 2 * location[0] - 1
    A = torch.tensor([[c * W / w, -s * H / w], [s * W / h, c * H / h]])
    theta = torch.cat([A, -A @ torch.tensor([[x0], [y0]])], dim=1)
    grid = F.affine_grid(theta[None].float(), [1, 1, H, W], align_corners=False)
    read = F.grid_sample(torch.cat([mask * foreground, mask])[None], grid, align_corners=False)[0]
    return read[:-1] + (1 - read[-1:]) * background
