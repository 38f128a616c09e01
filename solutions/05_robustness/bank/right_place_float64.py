# question: place_object
# note: float64 inside, a matrix product for the rotation, the result clamped to [0, 1]

def rotation(degrees):
    a = math.radians(degrees % 360)
    return torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]], dtype=torch.float64)

def place_object(background, foreground, mask, location, scale, angle):
    channels, height, width = background.shape
    h, w = foreground.shape[1], foreground.shape[2]
    zoom = math.sqrt(scale) * math.sqrt((height * width) / (h * w))
    cols = torch.arange(width, dtype=torch.float64).add(0.5).repeat(height, 1) - location[1] * width
    rows = torch.arange(height, dtype=torch.float64).add(0.5).repeat(width, 1).T - location[0] * height
    points = torch.einsum("ij,jhw->ihw", rotation(angle), torch.stack([cols, rows])) / zoom
    m = look_up(mask.double(), points[0], points[1])
    cut = look_up((mask * foreground).double(), points[0], points[1])
    return (cut + (1 - m) * background.double()).clamp(0, 1).float()
