# question: place_object
# misconception: proportions_lost
# sentence: The object is stretched to the proportions of the background.
# hint: One zoom for both directions.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    zy, zx = math.sqrt(scale) * H / mask.shape[1], math.sqrt(scale) * W / mask.shape[2]
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / zx, (s * x + c * y) / zy
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
