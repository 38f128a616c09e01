# question: filter_grid
# misconception: one_scale_for_all_filters
# sentence: All filters share one scale instead of each having its own.
# hint: Over which dimensions do you take the least and the largest weight?

def filter_grid(weight, columns):
    scaled = torch.full_like(weight, 0.5)
    if weight.max() > weight.min():
        scaled = (weight - weight.min()) / (weight.max() - weight.min())
    for f in range(len(weight)):
        if weight[f].max() == weight[f].min():
            scaled[f] = 0.5
    filters, channels, height, width = weight.shape
    rows = -(-filters // columns)
    grid = weight.new_ones(channels, rows * (height + 1) - 1, columns * (width + 1) - 1)
    for index, tile in enumerate(scaled):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        grid[:, top : top + height, left : left + width] = tile
    return grid
