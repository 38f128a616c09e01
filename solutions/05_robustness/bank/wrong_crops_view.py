# question: sliding_crops
# misconception: view_of_a_permuted_image
# sentence: `view` works only where the numbers lie in memory in order, so an image that was permuted raises an error.
# hint: `flatten(1)` or `reshape` copies where it has to.

def sliding_crops(image, size, stride):
    channels, height, width = image.shape
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    corners = torch.tensor([(top, left) for top in tops for left in lefts])
    steps = torch.arange(size)
    places = (corners[:, 0, None, None] + steps[:, None]) * width + corners[:, 1, None, None] + steps
    return image.view(channels, height * width)[:, places].transpose(0, 1), corners
