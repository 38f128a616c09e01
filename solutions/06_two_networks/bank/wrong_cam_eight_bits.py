# question: class_activation_map
# misconception: rounded_to_eight_bits
# sentence: The map is scaled and rounded to 256 whole numbers before it is enlarged, as many programs do for display.
# hint: Enlarge the numbers as they are, and scale last; rounding is for the file of a picture.

def activation_map(features, weight, label):
    return (features * weight[label].view(-1, 1, 1)).sum(0)

def class_activation_map(features, weight, label, size):
    m = activation_map(features, weight, label)
    m = m - m.min()
    m = m / m.max() if m.max() > 0 else m
    m = (255 * m).to(torch.uint8).float() / 255
    return F.interpolate(m[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
