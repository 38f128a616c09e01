# question: place_object
# misconception: location_of_the_corner
# sentence: The location is taken for the top left corner of the object.
# hint: The object turns about the point at which it stands: its centre.

def place_object(background, foreground, mask, location, scale, angle):
    _, H, W = background.shape
    z = math.sqrt(scale * H * W / mask.numel())
    y = torch.arange(H)[:, None] + 0.5 - location[0] * H - z * mask.shape[1] / 2
    x = torch.arange(W)[None, :] + 0.5 - location[1] * W - z * mask.shape[2] / 2
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u, v = (c * x - s * y) / z, (s * x + c * y) / z
    return look_up(mask * foreground, u, v) + (1 - look_up(mask, u, v)) * background
