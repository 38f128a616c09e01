# question: sliding_crops
# misconception: corner_as_x_y
# sentence: The corners are given as column and row.
# hint: Row first, as in the shape of the image.

def sliding_crops(image, size, stride):
    _, height, width = image.shape
    crops, corners = [], []
    for y in range(0, height - size + 1, stride):
        for x in range(0, width - size + 1, stride):
            crops.append(image[:, y : y + size, x : x + size])
            corners.append((x, y))
    return torch.stack(crops), torch.tensor(corners)
