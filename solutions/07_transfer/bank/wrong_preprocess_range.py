# question: preprocess
# misconception: not_divided_by_255
# sentence: The values go from 0 to 255, and are normalised with numbers meant for 0 to 1.
# hint: How large are the results? About −2 to 2 is usual.

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2).float()
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
