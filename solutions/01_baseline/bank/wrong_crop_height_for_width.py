# question: random_crop
# misconception: height_for_width
# sentence: The columns are drawn from the height of the image: right for square images only.
# hint: Follow each of the two draws to the dimension that it is for.

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(min(height, width) - size + 1, (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
