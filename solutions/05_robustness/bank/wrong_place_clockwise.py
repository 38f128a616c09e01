# question: place_object
# misconception: turned_clockwise
# sentence: The object turns clockwise.
# hint: Rows count downwards; which sign does that change?

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x + s * y) / z, (c * y - s * x) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
