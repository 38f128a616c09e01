# question: random_crop
# misconception: last_place_missing
# sentence: The last row and the last column are never reached.
# hint: `torch.randint(high, …)` ends at high − 1. How many places are there for a crop of size s in H rows?

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    tops = torch.randint(max(1, height - size), (n,), generator=generator).tolist()
    lefts = torch.randint(max(1, width - size), (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
