# question: total_variation
# misconception: channels_as_neighbours
# sentence: Channels are compared with each other and rows downwards, but nothing sideways.
# hint: Dimension 0 of an image (C, H, W) is the channel.

def total_variation(image):
    first = (image[1:] - image[:-1]).abs().sum()
    second = (image[:, 1:] - image[:, :-1]).abs().sum()
    return (first + second) / image.numel()
