# question: place_object
# misconception: background_changed_in_place
# sentence: The object is painted into the caller's background.
# hint: `*=` and `+=` change the tensor that the caller still holds.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    background *= 1 - look_up(mask, u, v)
    background += look_up(mask * foreground, u, v)
    return background
