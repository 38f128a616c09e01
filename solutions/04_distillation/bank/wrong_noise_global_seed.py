# question: add_label_noise
# misconception: global_seed
# sentence: Part of the chance comes from the global seed instead of the generator.
# hint: Every torch.rand and torch.randint takes generator=…

def add_label_noise(labels, rate, classes, generator):
    changed = torch.rand(labels.shape, generator=generator) < rate
    return torch.where(changed, (labels + torch.randint(1, classes, labels.shape)) % classes, labels)
