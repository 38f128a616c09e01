# question: filter_grid
# misconception: constant_filter_divides_by_zero
# sentence: A filter whose weights are all equal is divided by zero.
# hint: What is (w − min) / (max − min) where max equals min?

def filter_grid(weight, columns):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = (weight - low) / (high - low)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
