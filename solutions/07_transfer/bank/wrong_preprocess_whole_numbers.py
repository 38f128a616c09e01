# question: preprocess
# misconception: rounded_to_whole_numbers
# sentence: The resizing is done in whole numbers and rounds.
# hint: Which dtype goes into `interpolate`?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2).contiguous()
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True).div(255)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
