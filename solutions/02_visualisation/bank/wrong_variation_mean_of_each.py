# question: total_variation
# misconception: mean_of_each_direction
# sentence: Each direction is divided by its own number of pairs instead of the number of values.
# hint: The worked example would give 4 with two means; and an image of one row has no pair downwards.

def total_variation(image):
    down = (image[:, 1:] - image[:, :-1]).abs().mean()
    across = (image[:, :, 1:] - image[:, :, :-1]).abs().mean()
    return down + across
