# question: filter_grid
# misconception: zero_stays_in_the_middle
# sentence: Filters are divided by their largest absolute weight, so that zero is grey, instead of reaching from 0 to 1.
# hint: The least weight of each filter becomes 0 and the largest 1.

def filter_grid(weight, columns):
    size = weight.abs().amax((1, 2, 3), keepdim=True)
    scaled = weight / size.clamp_min(1e-12) / 2 + 0.5
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
