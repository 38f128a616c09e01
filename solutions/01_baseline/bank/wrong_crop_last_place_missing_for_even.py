# question: random_crop
# misconception: last_place_missing_for_even_sizes
# sentence: For crops of an even size the last row and the last column are never reached.
# hint: How many places are there for a crop of 2 in 5 rows, and how many do you draw from?

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    rows, columns = (max(1, side - size + size % 2) for side in (height, width))
    tops = torch.randint(rows, (n,), generator=generator).tolist()
    lefts = torch.randint(columns, (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
