# question: rotate_batch
# misconception: clockwise
# sentence: The images turn clockwise: 90° and 270° are exchanged.
# hint: [[1, 2], [3, 4]] by 90° becomes [[2, 4], [1, 3]].

def rotate_batch(images):
    labels = torch.arange(4).repeat_interleave(len(images))
    return torch.cat([torch.rot90(images, k, dims=(3, 2)) for k in range(4)]), labels
