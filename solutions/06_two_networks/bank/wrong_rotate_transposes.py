# question: rotate_batch
# misconception: transposed_instead_of_turned
# sentence: 90° and 270° are transposed images: mirrored, not turned.
# hint: After a transpose, one more flip is needed.

def rotate_batch(images):
    labels = torch.arange(4).repeat_interleave(len(images))
    quarter = images.transpose(2, 3)
    return torch.cat([images, quarter, images.flip(2, 3), quarter.flip(2, 3)]), labels
