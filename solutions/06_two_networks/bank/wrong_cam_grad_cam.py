# question: class_activation_map
# misconception: relu_of_the_enlarged_map
# sentence: Values below 0 are cut off before the picture is scaled, as Grad-CAM does: a map that is negative everywhere becomes black.
# hint: The smallest value becomes 0 by shifting, not by a ReLU.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0].relu()
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
