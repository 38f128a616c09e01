# question: random_crop
# misconception: row_and_column_tied
# sentence: One draw serves for the row and for the column, so crops move along a diagonal only.
# hint: Row and column are independent: two draws for each image.

def random_crop(images, size, generator):
    n, _, height, width = images.shape
    rooms = height - size + 1, width - size + 1
    places = torch.rand(n, generator=generator)
    tops, lefts = [(places * room).long().tolist() for room in rooms]
    return torch.stack([x[:, t : t + size, l : l + size] for x, t, l in zip(images, tops, lefts)])
