# question: rotate_batch
# misconception: channels_taken_for_a_side
# sentence: The turn mixes channels with rows: it goes over dimensions 1 and 2, as for images with their channels last.
# hint: In `(N, C, S, S)` rows and columns are dimensions 2 and 3.

def rotate_batch(images):
    labels = torch.arange(4).repeat_interleave(len(images))
    return torch.cat([torch.rot90(images, k, dims=(1, 2)) for k in range(4)]), labels
