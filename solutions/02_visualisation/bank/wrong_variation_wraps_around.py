# question: total_variation
# misconception: neighbours_wrap_around
# sentence: The last row is compared with the first: torch.roll wraps around.
# hint: The last row has no neighbour below.

def total_variation(image):
    down = (image - image.roll(1, dims=1)).abs().sum()
    across = (image - image.roll(1, dims=2)).abs().sum()
    return (down + across) / image.numel()
