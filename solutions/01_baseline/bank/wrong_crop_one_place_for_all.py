# question: random_crop
# misconception: one_draw_for_the_batch
# sentence: One place is drawn for the whole batch.
# hint: Each image of the batch draws its own row and column.

def random_crop(images, size, generator):
    height, width = images.shape[2:]
    t = int(torch.randint(height - size + 1, (), generator=generator))
    l = int(torch.randint(width - size + 1, (), generator=generator))
    return images[:, :, t : t + size, l : l + size]
