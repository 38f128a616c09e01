# question: class_activation_map
# misconception: smallest_value_not_zero
# sentence: The map is divided by its largest value, but its smallest is not moved to 0.
# hint: First subtract the smallest.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    return m / m.max() if m.max() != m.min() else m - m
