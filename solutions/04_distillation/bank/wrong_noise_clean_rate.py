# question: add_label_noise
# misconception: rate_of_kept_labels
# sentence: `rate` is taken for the share of labels that stay.
# hint: rate = 0 changes none.

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) > rate
    return torch.where(changed, (labels + torch.randint(1, classes, labels.shape, generator=generator)) % classes, labels)
