# question: class_activation_map
# misconception: width_first
# sentence: Height and width of `size` are exchanged.
# hint: `size` is height, then width.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=(size[1], size[0]), mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
