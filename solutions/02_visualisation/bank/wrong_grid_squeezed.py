# question: filter_grid
# misconception: needless_squeeze_of_the_grid
# sentence: A `squeeze` drops every dimension of length 1, so filters of one channel lose it.
# hint: The picture is `(C, …, …)`, also where C is 1.

def filter_grid(weight, columns):
    low, high = weight.amin((1, 2, 3), keepdim=True), weight.amax((1, 2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for i, tile in enumerate(scaled):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid.squeeze()
