# question: rotate_batch
# misconception: labels_of_floats
# sentence: The labels are floating-point numbers; cross-entropy wants int64 classes.
# hint: What dtype does torch.zeros have?

def rotate_batch(images):
    labels = torch.cat([k * torch.ones(len(images)) for k in range(4)])
    return torch.cat([torch.rot90(images, k, dims=(2, 3)) for k in range(4)]), labels
