# question: sliding_crops
# note: while loops, a list in place of a tuple, an additional argument with a default

def sliding_crops(image, size, stride=1, start=0):
    crops, corners = [], []
    top = start
    while top + size <= image.shape[-2]:
        left = start
        while left + size <= image.shape[-1]:
            crops.append(image[..., top : top + size, left : left + size].clone())
            corners.append(torch.tensor([top, left]))
            left += stride
        top += stride
    return [torch.stack(crops), torch.stack(corners)]
