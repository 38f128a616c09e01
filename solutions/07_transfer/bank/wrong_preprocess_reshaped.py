# question: preprocess
# misconception: reshaped_not_permuted
# sentence: The numbers are put into another shape, not the dimensions into another order: pixels and colours are mixed up.
# hint: Look at the picture. `reshape` keeps the numbers' order in memory.

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].reshape(-1, 3, side, side) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
