# question: place_object
# misconception: degrees_as_radians
# sentence: Degrees are handed to `cos` and `sin` as if they were radians.
# hint: What is cos(90)?

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / mask.numel())
    c, s = math.cos(angle), math.sin(angle)
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
