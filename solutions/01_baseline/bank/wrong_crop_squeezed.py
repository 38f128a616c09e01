# question: random_crop
# misconception: needless_squeeze_of_crops
# sentence: A `squeeze` drops every dimension of length 1: a batch of one image loses its batch, a crop of one pixel its sides.
# hint: The shape is `(N, 3, size, size)`, also where N or `size` is 1.

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)]).squeeze()
