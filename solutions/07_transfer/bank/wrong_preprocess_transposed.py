# question: preprocess
# misconception: rows_and_columns_exchanged
# sentence: Rows and columns are exchanged: the picture lies on its side.
# hint: Which dimension of (N, H, W, 3) has to come third?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 2, 1) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
