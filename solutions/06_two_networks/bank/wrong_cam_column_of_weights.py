# question: class_activation_map
# misconception: column_of_the_weights
# sentence: The weights are a column of the matrix (one channel, all classes) instead of a row.
# hint: The matrix is `(classes, K)`: its row is the class.

def activation_map(features, weight, label):
    return (features * weight[:, label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
