# question: rotate_batch
# misconception: turned_in_place
# sentence: The caller's images are overwritten by their turned copies.
# hint: Write into a new tensor.

def rotate_batch(images):
    out = [images.clone()]
    for _ in range(3):
        images.copy_(torch.rot90(images, 1, dims=(2, 3)))
        out.append(images.clone())
    return torch.cat(out), torch.arange(4).repeat_interleave(len(images))
