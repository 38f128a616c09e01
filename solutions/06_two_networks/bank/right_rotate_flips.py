# question: rotate_batch
# note: transposes and flips, labels from full

def rotate_batch(images):
    upright = images
    half = images.flip(-1).flip(-2)
    left = images.transpose(-1, -2).flip(-2)
    right = images.transpose(-1, -2).flip(-1)
    n = images.shape[0]
    labels = torch.cat([torch.full((n,), k, dtype=torch.long) for k in range(4)])
    return torch.cat([upright, left, half, right], dim=0), labels
