# question: random_crop
# misconception: rows_and_columns_swapped
# sentence: Rows and columns of the crop are exchanged: the crop is transposed.
# hint: An image tensor is (channels, rows, columns).

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    tops = torch.randint(height - size + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(width - size + 1, (n,), generator=generator).tolist()
    return torch.stack([x[:, t : t + size, l : l + size].mT for x, t, l in zip(images, tops, lefts)])
