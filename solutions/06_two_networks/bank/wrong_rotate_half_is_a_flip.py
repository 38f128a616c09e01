# question: rotate_batch
# misconception: half_turn_is_a_flip
# sentence: 180° is an upside-down mirror image instead of a half turn.
# hint: A half turn flips rows *and* columns.

def rotate_batch(images):
    labels = torch.arange(4).repeat_interleave(len(images))
    turned = [torch.rot90(images, k, dims=(2, 3)) for k in range(4)]
    turned[2] = images.flip(2)
    return torch.cat(turned), labels
