# question: total_variation
# misconception: isotropic_and_wrapped
# sentence: Two things differ from the formula: neighbours wrap around the borders, and the two differences of a pixel are combined by a root.
# hint: The last row has no neighbour below; and sizes are added, not their squares.

def total_variation(image):
    down, across = image - image.roll(1, dims=1), image - image.roll(1, dims=2)
    return (down**2 + across**2 + 1e-12).sqrt().sum() / image.numel()
