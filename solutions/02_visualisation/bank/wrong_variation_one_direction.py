# question: total_variation
# misconception: one_direction_only
# sentence: Only differences downwards are counted.
# hint: Each pixel has a neighbour below and one to the right.

def total_variation(image):
    return (image[:, 1:] - image[:, :-1]).abs().sum() / image.numel()
