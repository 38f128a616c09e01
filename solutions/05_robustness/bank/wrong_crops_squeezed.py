# question: sliding_crops
# misconception: needless_squeeze_of_crops
# sentence: A `squeeze` drops every dimension of length 1: a single crop, or a single channel, loses its dimension.
# hint: The shape is `(K, C, size, size)`, also where K, C or `size` is 1.

def sliding_crops(image, size, stride):
    _, height, width = image.shape
    corners = [(t, l) for t in range(0, height - size + 1, stride) for l in range(0, width - size + 1, stride)]
    crops = torch.stack([image[:, t : t + size, l : l + size] for t, l in corners])
    return crops.squeeze(), torch.tensor(corners)
