# question: class_activation_map
# misconception: needless_squeeze_of_maps
# sentence: A `squeeze` drops every dimension of length 1, so maps of one row or one column lose it.
# hint: The shapes are `(h, w)` and `size`, also where a side is 1.

def activation_map(features, weight, label):
    return torch.einsum("k,khw->hw", weight[label], features).squeeze()

def class_activation_map(features, weight, label, size):
    raw = torch.einsum("k,khw->hw", weight[label], features)
    large = F.interpolate(raw[None, None], size=size, mode="bilinear", align_corners=False).squeeze()
    low, high = large.min(), large.max()
    return (large - low) / (high - low).clamp_min(1e-12)
