# question: sliding_crops
# misconception: crop_added_at_the_border
# sentence: Where the stride does not land on the border, one more crop is squeezed in there.
# hint: The corners are multiples of the stride, all of them.

def sliding_crops(image, size, stride):
    def starts(length):
        found = list(range(0, length - size + 1, stride))
        return found if found[-1] == length - size else [*found, length - size]
    corners = [(t, l) for t in starts(image.shape[1]) for l in starts(image.shape[2])]
    return torch.stack([image[:, t : t + size, l : l + size] for t, l in corners]), torch.tensor(corners)
