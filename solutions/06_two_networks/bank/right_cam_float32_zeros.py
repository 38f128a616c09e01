# question: class_activation_map
# note: the sum starts from float32 zeros, whatever the maps are, since the text names no dtype

def activation_map(features, weight, label):
    total = torch.zeros(features.shape[1:])
    for k in range(len(features)):
        total += weight[label, k] * features[k]
    return total

def class_activation_map(features, weight, label, size):
    m = F.interpolate(activation_map(features, weight, label)[None, None], size=size, mode="bilinear")[0, 0]
    m = m - m.min()
    return m / m.max() if m.max() > 0 else m
