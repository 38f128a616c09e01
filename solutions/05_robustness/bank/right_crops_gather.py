# question: sliding_crops
# note: index tensors that broadcast, no loop

def sliding_crops(image, size, stride):
    tops = torch.arange((image.size(1) - size) // stride + 1) * stride
    lefts = torch.arange((image.size(2) - size) // stride + 1) * stride
    within = torch.arange(size)
    rows = (tops[:, None] + within)[:, None, :, None]
    cols = (lefts[:, None] + within)[None, :, None, :]
    crops = image[:, rows, cols].movedim(0, 2).flatten(0, 1)
    corners = torch.stack(torch.meshgrid(tops, lefts, indexing="ij"), dim=-1).reshape(-1, 2)
    return crops, corners
