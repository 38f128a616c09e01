# question: place_object
# misconception: turned_about_the_middle
# sentence: The object turns about the middle of the background, not about its own centre.
# hint: Subtract the location before you turn, not after.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - H / 2
    x = torch.arange(W)[None, :] + 0.5 - W / 2
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u = (c * x - s * y - (location[1] - 0.5) * W) / z
    v = (s * x + c * y - (location[0] - 0.5) * H) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
