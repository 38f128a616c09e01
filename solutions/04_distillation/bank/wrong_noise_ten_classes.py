# question: add_label_noise
# misconception: ten_classes_hard_coded
# sentence: The number of classes is fixed to ten.
# hint: With two classes, labels up to 1 are all there are.

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) < rate
    return torch.where(changed, (labels + torch.randint(1, 10, labels.shape, generator=generator)) % 10, labels)
