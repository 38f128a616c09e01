# question: place_object
# misconception: half_a_pixel_off
# sentence: The pixels are taken to lie at whole numbers, so that the object is half a pixel off.
# hint: The centre of the first pixel lies half a pixel from the border.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] - location[0] * H
    x = torch.arange(W)[None, :] - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
