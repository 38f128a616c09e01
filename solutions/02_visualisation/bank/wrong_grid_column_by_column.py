# question: filter_grid
# misconception: filters_column_by_column
# sentence: Filters are laid out column by column instead of row by row.
# hint: Filter 1 stands to the right of filter 0.

def filter_grid(weight, columns):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index % rows * (height + 1), index // rows * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
