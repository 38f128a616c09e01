# question: random_crop
# note: all windows as a view, then one of them for each image; one draw for both coordinates

def random_crop(images, size, generator=None):
    windows = images.unfold(2, size, 1).unfold(3, size, 1).flatten(2, 3)  # (N, 3, places, size, size)
    place = torch.randint(windows.shape[2], (len(images),), generator=generator)
    return windows[torch.arange(len(images)), :, place].clone()
