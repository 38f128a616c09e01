# question: filter_grid
# misconception: incomplete_row_lost
# sentence: Filters that do not fill a whole row are left out.
# hint: Seven filters in four columns need two rows: round up.

def filter_grid(weight, columns):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = max(1, filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled[: rows * columns]):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
