# question: sliding_crops
# misconception: image_taken_for_square
# sentence: The number of rows is used for the columns too.
# hint: Try an image that is wider than high.

def sliding_crops(image, size, stride):
    starts = range(0, min(image.shape[1:]) - size + 1, stride)
    corners = [(top, left) for top in starts for left in starts]
    return torch.stack([image[:, t : t + size, l : l + size] for t, l in corners]), torch.tensor(corners)
