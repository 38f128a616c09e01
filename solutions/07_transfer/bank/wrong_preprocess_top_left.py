# question: preprocess
# misconception: corner_not_middle
# sentence: The square is cut out of the top left corner.
# hint: Where is the object in most photographs?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top = left = 0
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
