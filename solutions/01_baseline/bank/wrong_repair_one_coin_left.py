# question: repair_flip
# misconception: one_coin_for_the_batch
# sentence: One coin still decides for the whole batch.
# hint: All or none of the images are mirrored: how many random numbers do you draw?

def random_flip(images, generator):
    mirrored = torch.rand(1, 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, images.flip(-1), images)
