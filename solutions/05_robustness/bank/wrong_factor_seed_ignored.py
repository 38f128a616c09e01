# question: accuracy_by_factor
# misconception: seed_ignored
# sentence: The generator always starts at 0, whatever the seed.
# hint: Two seeds should give two bands.

def accuracy_by_factor(model, factory, values, seed):
    found = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(0))
        with evaluating(model):
            found.append((model(images).argmax(1) == labels).float().mean().item())
    return found
