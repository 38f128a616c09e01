# question: filter_grid
# misconception: gap_around_the_outside
# sentence: There is a white frame around the picture as well.
# hint: Seven 3×3 filters in four columns make 7×15 pixels.

def filter_grid(weight, columns):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) + 1, columns * (width + 1) + 1)
    for index, tile in enumerate(scaled):
        top, left = 1 + index // columns * (height + 1), 1 + index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
