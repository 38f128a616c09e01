# question: sliding_crops
# misconception: last_crop_missing
# sentence: A crop that ends exactly at the border is left out.
# hint: `range` stops before its end: a top of H − size is still allowed.

def sliding_crops(image, size, stride):
    _, height, width = image.shape
    tops = list(range(0, height - size, stride)) or [0]
    lefts = list(range(0, width - size, stride)) or [0]
    corners = [(top, left) for top in tops for left in lefts]
    return torch.stack([image[:, t : t + size, l : l + size] for t, l in corners]), torch.tensor(corners)
