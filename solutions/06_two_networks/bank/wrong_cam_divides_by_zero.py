# question: class_activation_map
# misconception: division_by_zero
# sentence: A constant map is divided by zero and becomes NaN.
# hint: What is the largest minus the smallest value of a constant map?

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max()
