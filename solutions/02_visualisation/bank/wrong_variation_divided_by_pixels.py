# question: total_variation
# misconception: divided_by_pixels_only
# sentence: The sum is divided by the number of pixels, without the channels.
# hint: C · H · W values.

def total_variation(image):
    down = (image[:, 1:] - image[:, :-1]).abs().sum()
    across = (image[:, :, 1:] - image[:, :, :-1]).abs().sum()
    return (down + across) / (image.shape[1] * image.shape[2])
