# question: class_activation_map
# misconception: view_of_permuted_features
# sentence: `view` works only where the numbers lie in memory in order, so permuted features raise an error.
# hint: `reshape` or `flatten` copies where it has to.

def activation_map(features, weight, label):
    channels, height, width = features.shape
    return (weight[label] @ features.view(channels, -1)).view(height, width)

def class_activation_map(features, weight, label, size):
    raw = activation_map(features, weight, label)
    large = F.interpolate(raw[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    low, high = large.min(), large.max()
    return (large - low) / (high - low).clamp_min(1e-12)
