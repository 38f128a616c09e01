# question: class_activation_map
# misconception: negative_evidence_cut_off
# sentence: What speaks against the class is cut off by a ReLU.
# hint: Grad-CAM does so; here the mean of the map is to be the logit.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0).relu()

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
