# question: class_activation_map
# misconception: mean_over_the_channels
# sentence: The weighed maps are averaged instead of summed: the mean of the map is the logit divided by K.
# hint: Is the mean of the raw map plus the bias the logit?

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).mean(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
