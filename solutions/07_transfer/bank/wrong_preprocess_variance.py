# question: preprocess
# misconception: divided_by_the_square
# sentence: The values are divided by the square of the deviation.
# hint: A variance is the square of a standard deviation; which one is given?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std**2
