# question: class_activation_map
# note: a matrix product on flattened maps, an upsampling layer, amin and amax

def activation_map(features, weight, label):
    k, h, w = features.shape
    return (weight[label] @ features.reshape(k, h * w)).reshape(h, w)

def class_activation_map(features, weight, label, size):
    enlarge = nn.Upsample(size=tuple(size), mode="bilinear")
    big = enlarge(activation_map(features, weight, label).unsqueeze(0).unsqueeze(0)).squeeze()
    big = big.reshape(size)
    span = torch.amax(big) - torch.amin(big)
    if span == 0:
        return torch.zeros_like(big)
    return torch.div(big - torch.amin(big), span)
