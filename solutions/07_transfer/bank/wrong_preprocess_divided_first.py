# question: preprocess
# misconception: divided_before_shifted
# sentence: The values are divided by the deviation first, and then shifted.
# hint: Where do the brackets stand in the formula?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return x / std - mean
