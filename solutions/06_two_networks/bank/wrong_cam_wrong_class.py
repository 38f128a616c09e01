# question: class_activation_map
# misconception: weights_of_the_strongest_class
# sentence: The weights are those of the class with the largest logit, whatever `label` says.
# hint: Ask two classes of one image: do you get two maps?

def activation_map(features, weight, label):
    return (features * weight[F.linear(features.mean((1, 2)), weight).argmax()].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
