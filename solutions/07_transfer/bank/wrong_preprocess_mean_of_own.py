# question: preprocess
# misconception: own_mean_and_deviation
# sentence: Every photograph is normalised with its own mean and deviation, not with those that the network knows.
# hint: What are the arguments `mean` and `std` for?

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = x.mean(dim=(2, 3), keepdim=True), x.std(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    return (x - mean) / std
