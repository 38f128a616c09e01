# question: preprocess
# misconception: one_mean_for_all_colours
# sentence: All colours are shifted and scaled by the same two numbers.
# hint: Each colour has a mean and a deviation of its own.

def preprocess(images, size, mean, std):
    side = min(images.shape[1:3])
    top, left = (images.shape[1] - side) // 2, (images.shape[2] - side) // 2
    x = images[:, top : top + side, left : left + side].permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = sum(mean) / 3, sum(std) / 3
    return (x - mean) / std
