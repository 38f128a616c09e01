# question: preprocess
# misconception: offsets_swapped
# sentence: The offset of the rows is used for the columns, and the other way round.
# hint: Which of the two offsets is 0 in a photograph that is wider than high?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    left, top = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
