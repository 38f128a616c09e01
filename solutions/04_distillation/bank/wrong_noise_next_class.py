# question: add_label_noise
# misconception: always_the_next_class
# sentence: A changed label is always the next class; all others should be equally likely.
# hint: Draw the offset too.

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) < rate
    return torch.where(changed, (labels + 1) % classes, labels)
