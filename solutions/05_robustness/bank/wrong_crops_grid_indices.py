# question: sliding_crops
# misconception: grid_index_for_pixel
# sentence: The corners are numbered by crop, not measured in pixels.
# hint: How many pixels lie between two neighbouring corners?

def sliding_crops(image, size, stride):
    grid = image.unfold(1, size, stride).unfold(2, size, stride)
    rows, cols = grid.shape[1:3]
    corners = torch.cartesian_prod(torch.arange(rows), torch.arange(cols))
    return grid.permute(1, 2, 0, 3, 4).flatten(0, 1), corners
