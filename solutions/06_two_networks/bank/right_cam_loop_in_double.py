# question: class_activation_map
# note: a loop over the channels, float64 inside, all classes at once and one taken out

def all_maps(features, weight):
    maps = torch.zeros(len(weight), *features.shape[1:], dtype=torch.float64)
    for k, one in enumerate(features.double()):
        maps += weight[:, k].double()[:, None, None] * one
    return maps

def activation_map(features, weight, label):
    return all_maps(features, weight)[label].to(features.dtype)

def class_activation_map(features, weight, label, size):
    m = F.interpolate(all_maps(features, weight)[None], size=size, mode="bilinear")[0, label]
    span = (m.max() - m.min()).item()
    return ((m - m.min()) / (span or 1.0)).to(features.dtype)
