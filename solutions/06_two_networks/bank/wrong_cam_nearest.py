# question: class_activation_map
# misconception: enlarged_in_squares
# sentence: The map is enlarged by repeating pixels, not bilinearly.
# hint: Look at `mode`.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="nearest")[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
