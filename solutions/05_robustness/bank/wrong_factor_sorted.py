# question: accuracy_by_factor
# misconception: values_sorted
# sentence: The accuracies come in the order of sorted values.
# hint: The caller plots them against the values as they were given.

def accuracy_by_factor(model, factory, values, seed):
    found = []
    for value in sorted(values):
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with evaluating(model):
            found.append((model(images).argmax(1) == labels).float().mean().item())
    return found
