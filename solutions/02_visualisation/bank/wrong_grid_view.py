# question: filter_grid
# misconception: view_of_permuted_weights
# sentence: `view` works only where the numbers lie in memory in order, so permuted weights raise an error.
# hint: `reshape` or `flatten` copies where it has to.

def filter_grid(weight, columns):
    filters, channels, height, width = weight.shape
    flat = weight.view(filters, -1)
    low, high = flat.amin(1).view(-1, 1, 1, 1), flat.amax(1).view(-1, 1, 1, 1)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for i, tile in enumerate(scaled):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
