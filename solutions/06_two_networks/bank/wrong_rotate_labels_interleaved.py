# question: rotate_batch
# misconception: labels_in_another_order
# sentence: The labels go 0, 1, 2, 3, 0, 1, 2, 3, … while the images stand in blocks.
# hint: `repeat` and `repeat_interleave` are two things.

def rotate_batch(images):
    labels = torch.arange(4).repeat(len(images))
    return torch.cat([torch.rot90(images, k, dims=(2, 3)) for k in range(4)]), labels
