# question: place_object
# misconception: location_as_x_y
# sentence: The location is read as right and down.
# hint: Down first, as in the shape of the image.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[1] * H
    x = torch.arange(W)[None, :] + 0.5 - location[0] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
