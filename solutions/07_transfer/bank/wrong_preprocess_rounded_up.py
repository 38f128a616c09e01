# question: preprocess
# misconception: odd_rest_rounded_up
# sentence: Where the rest is odd, one row or column too many is cut off above or on the left.
# hint: Which way does `//` round?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side + 1) // 2, (images.shape[2] - side + 1) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
