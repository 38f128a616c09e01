# question: place_object
# note: rotation as a product of complex numbers, coordinates by meshgrid

def place_object(background, foreground, mask, location, scale, angle):
    H, W = background.shape[-2:]
    y, x = torch.meshgrid(torch.arange(H) + 0.5, torch.arange(W) + 0.5, indexing="ij")
    d = torch.complex(x - W * location[1], y - H * location[0])
    turn = torch.polar(torch.tensor(1.0), torch.tensor(math.radians(angle)))
    zoom = math.sqrt(scale * H * W / (mask.shape[-1] * mask.shape[-2]))
    there = d * turn / zoom
    alpha = look_up(mask, there.real, there.imag)
    return torch.lerp(background, torch.zeros(()), alpha) + look_up(foreground * mask, there.real, there.imag)
