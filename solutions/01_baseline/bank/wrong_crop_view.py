# question: random_crop
# misconception: view_of_permuted_images
# sentence: `view` works only where the numbers lie in memory in order, so a batch that was permuted raises an error.
# hint: `reshape` or `flatten` copies where it has to.

def random_crop(images, size, generator):
    n, c, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator)
    lefts = torch.randint(width - size + 1, (n,), generator=generator)
    steps = torch.arange(size)
    places = (tops[:, None, None] + steps[:, None]) * width + lefts[:, None, None] + steps
    places = places.flatten(1)[:, None].expand(n, c, size * size)
    return images.view(n, c, height * width).gather(2, places).view(n, c, size, size)
