# question: add_label_noise
# misconception: generator_replaced
# sentence: The generator is seeded anew, so every call gives the same noise.
# hint: Use the generator as it comes; do not call manual_seed on it.

def add_label_noise(labels, rate, classes, generator):
    generator.manual_seed(0)
    changed = torch.rand(labels.shape, generator=generator) < rate
    return torch.where(changed, (labels + torch.randint(1, classes, labels.shape, generator=generator)) % classes, labels)
