# question: class_activation_map
# misconception: corners_aligned
# sentence: The map is enlarged with aligned corners, which shifts it against the image.
# hint: The text says `align_corners=False`.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=True)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
