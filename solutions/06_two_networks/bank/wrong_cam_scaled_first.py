# question: class_activation_map
# misconception: scaled_before_enlarging
# sentence: The map is scaled before it is enlarged, so the picture itself does not reach 0 and 1.
# hint: Enlarge first.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = m - m.min()
    m = m / m.max() if m.max() > 0 else m
    return F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
