# question: total_variation
# misconception: not_divided_by_the_size
# sentence: The sum is not divided by the number of values.
# hint: Twice the size should not mean twice the roughness.

def total_variation(image):
    down = (image[:, 1:] - image[:, :-1]).abs().sum()
    across = (image[:, :, 1:] - image[:, :, :-1]).abs().sum()
    return down + across
