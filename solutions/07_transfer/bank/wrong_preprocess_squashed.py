# question: preprocess
# misconception: squashed_not_cut
# sentence: The photograph is squashed to a square: nothing is cut off.
# hint: A circle in the photograph should still be one.

def preprocess(images, size, mean, std):
    x = images.permute(0, 3, 1, 2) / 255
    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
    mean, std = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (x - mean) / std
