# question: filter_grid
# misconception: weights_scaled_in_place
# sentence: The network's own weights are scaled: after the picture it is another network.
# hint: `weight -= low` changes the tensor that the caller still holds.

def filter_grid(weight, columns):
    weight -= weight.amin((1, 2, 3), keepdim=True)
    high = weight.amax((1, 2, 3), keepdim=True)
    constant = high[:, 0, 0, 0] == 0
    weight /= high.clamp_min(1e-12)
    weight[constant] = 0.5
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(weight):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
