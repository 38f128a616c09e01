# question: repair_flip
# misconception: images_flipped_in_place
# sentence: The caller's images are still changed in place.
# hint: What does assigning to `images[…]` do to the tensor that the caller holds?

def random_flip(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    images[mirrored] = images[mirrored].flip(-1)
    return images
