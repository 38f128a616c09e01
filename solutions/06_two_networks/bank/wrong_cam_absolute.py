# question: class_activation_map
# misconception: absolute_values
# sentence: The map has absolute values: evidence against the class looks like evidence for it.
# hint: The map is linear in the features.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0).abs()

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
