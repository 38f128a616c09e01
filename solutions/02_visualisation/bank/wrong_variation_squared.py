# question: total_variation
# misconception: squared_differences
# sentence: Differences are squared instead of taken by their absolute value.
# hint: The worked example would give 4.5 with squares.

def total_variation(image):
    down = (image[:, 1:] - image[:, :-1]).pow(2).sum()
    across = (image[:, :, 1:] - image[:, :, :-1]).pow(2).sum()
    return (down + across) / image.numel()
