# question: place_object
# misconception: mask_applied_after_look_up
# sentence: Mask and foreground are read one by one and multiplied afterwards, which dims the rim twice.
# hint: Cut the object out first, in its own pixels, then look it up.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    m = look_up(mask, u, v)
    return m * look_up(foreground, u, v) + (1 - m) * background
