# question: add_label_noise
# misconception: labels_changed_in_place
# sentence: The caller's labels are changed.
# hint: Work on a clone.

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) < rate
    offset = torch.randint(1, classes, labels.shape, generator=generator)
    labels[changed] = ((labels + offset) % classes)[changed]
    return labels
