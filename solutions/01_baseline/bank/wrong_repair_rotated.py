# question: repair_flip
# misconception: turned_instead_of_mirrored
# sentence: Images are turned by half a turn, which is mirrored both ways.
# hint: `flip` over two dimensions is a rotation by 180 degrees.

def random_flip(images, generator):
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
    return torch.where(mirrored, images.flip((2, 3)), images)
