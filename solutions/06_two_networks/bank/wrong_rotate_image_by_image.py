# question: rotate_batch
# misconception: four_turns_of_each_image_together
# sentence: The four turns of each image stand together, with labels 0, 1, 2, 3, 0, …; the text wants all images at 0° first.
# hint: Image n turned by k quarters stands at place kN + n.

def rotate_batch(images):
    turned = torch.stack([torch.rot90(images, k, dims=(2, 3)) for k in range(4)], dim=1)
    return turned.flatten(0, 1), torch.arange(4).repeat(len(images))
