# question: random_crop
# misconception: shifts_rounded_down
# sentence: Crops are shifted by at most half the difference, rounded down, so that for odd differences one place is never reached.
# hint: A crop of 3 in 6 rows has four places: 0, 1, 2 and 3. Which shifts from the middle are these?

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    down, right = (height - size) // 2, (width - size) // 2
    tops = (down + torch.randint(-down, down + 1, (n,), generator=generator)).tolist()
    lefts = (right + torch.randint(-right, right + 1, (n,), generator=generator)).tolist()
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
