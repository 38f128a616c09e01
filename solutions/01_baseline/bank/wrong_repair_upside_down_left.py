# question: repair_flip
# misconception: upside_down
# sentence: Images are still turned upside down instead of mirrored left to right.
# hint: In (N, 3, H, W) dimension 2 runs from top to bottom.

def random_flip(images, generator):
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, images.flip(2), images)
