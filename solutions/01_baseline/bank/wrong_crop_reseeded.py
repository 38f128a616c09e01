# question: random_crop
# misconception: generator_reseeded
# sentence: The generator is seeded anew at every call, so every batch gets the same crops.
# hint: Leave the seed to the caller: what would the second epoch see?

def random_crop(images, size, generator):
    generator.manual_seed(0)
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
