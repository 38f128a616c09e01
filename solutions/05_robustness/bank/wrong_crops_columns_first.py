# question: sliding_crops
# misconception: columns_before_rows
# sentence: The crops run down the columns, not along the rows.
# hint: In reading order the left corner changes fastest.

def sliding_crops(image, size, stride):
    _, height, width = image.shape
    corners = [
        (top, left)
        for left in range(0, width - size + 1, stride)
        for top in range(0, height - size + 1, stride)
    ]
    return torch.stack([image[:, t : t + size, l : l + size] for t, l in corners]), torch.tensor(corners)
