# question: repair_flip
# misconception: generator_not_used_by_the_flip
# sentence: The coins still come from torch's global generator.
# hint: Equal generators should give equal flips.

def random_flip(images, generator):
    mirrored = torch.rand(len(images), 1, 1, 1) < 0.5
    return torch.where(mirrored, images.flip(-1), images)
