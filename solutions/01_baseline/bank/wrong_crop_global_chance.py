# question: random_crop
# misconception: generator_not_used_by_the_crop
# sentence: Chance comes from torch's global generator, not from the one given.
# hint: Every random function of torch has an argument `generator`.

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,)).tolist()
    lefts = torch.randint(width - size + 1, (n,)).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
