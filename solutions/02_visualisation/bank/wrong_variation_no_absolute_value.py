# question: total_variation
# misconception: signed_differences
# sentence: Signs are kept: ups and downs cancel, and only the borders of the image are left.
# hint: An image that goes up and down again is rougher than a flat one.

def total_variation(image):
    down = (image[:, 1:] - image[:, :-1]).sum()
    across = (image[:, :, 1:] - image[:, :, :-1]).sum()
    return (down + across).abs() / image.numel()
