# question: add_label_noise
# misconception: changed_label_may_be_the_old_one
# sentence: A changed label can be the old one again, so fewer labels are wrong than `rate` says.
# hint: Draw from the other classes only.

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) < rate
    return torch.where(changed, torch.randint(0, classes, labels.shape, generator=generator), labels)
