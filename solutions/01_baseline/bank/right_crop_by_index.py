# question: random_crop
# note: one advanced index, row and column tables built by addition

def random_crop(images, size, generator):
    n, channels, height, width = images.shape
    top = torch.randint(0, height - size + 1, (n, 1), generator=generator)
    left = torch.randint(0, width - size + 1, (n, 1), generator=generator)
    steps = torch.arange(size)
    rows, columns = top + steps, left + steps
    return images[torch.arange(n)[:, None, None, None], torch.arange(channels)[:, None, None], rows[:, None, :, None], columns[:, None, None, :]]
