# question: filter_grid
# misconception: each_channel_scaled_alone
# sentence: Each channel of a filter is scaled by itself, which changes the filter's colour.
# hint: The least weight of a filter is one number, over channels, height and width together.

def filter_grid(weight, columns):
    low, high = weight.amin((2, 3), keepdim=True), weight.amax((2, 3), keepdim=True)
    scaled = torch.where(high > low, (weight - low) / (high - low), 0.5)
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
