# question: sliding_crops
# misconception: last_crop_missing_for_even_differences
# sentence: Half the difference is rounded, so the last crop is missing where image and window differ by an even number of pixels.
# hint: Count the crops of 2×2 in an image of 4×4 with stride 1.

def sliding_crops(image, size, stride):
    _, height, width = image.shape
    rows, columns = (2 * ((side - size + 1) // 2) if side > size else 1 for side in (height, width))
    corners = [(t, l) for t in range(0, max(1, rows), stride) for l in range(0, max(1, columns), stride)]
    crops = torch.stack([image[:, t : t + size, l : l + size] for t, l in corners])
    return crops, torch.tensor(corners)
