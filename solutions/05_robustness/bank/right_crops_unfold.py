# question: sliding_crops
# note: unfold twice, corners by cartesian_prod; the crops are a view

def sliding_crops(image, size, stride):
    grid = image.unfold(1, size, stride).unfold(2, size, stride)
    C, rows, cols = grid.shape[:3]
    corners = torch.cartesian_prod(torch.arange(rows) * stride, torch.arange(cols) * stride)
    return grid.permute(1, 2, 0, 3, 4).reshape(rows * cols, C, size, size), corners
