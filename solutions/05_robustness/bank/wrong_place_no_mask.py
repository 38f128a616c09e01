# question: place_object
# misconception: mask_ignored
# sentence: The whole frame is pasted, the mask is ignored.
# hint: Where the mask is 0 the background should be seen.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    frame = torch.ones_like(mask)
    return look_up(foreground, u, v) + (1 - look_up(frame, u, v)) * background
