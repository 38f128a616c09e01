# question: place_object
# misconception: scale_taken_for_length
# sentence: `scale` is used as a ratio of lengths, not of areas.
# hint: Twice as wide and twice as high is four times the area.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = scale * H * W / mask.numel()
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
