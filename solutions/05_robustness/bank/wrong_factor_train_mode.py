# question: accuracy_by_factor
# misconception: measured_in_train_mode
# sentence: The network is measured in the mode in which it comes, with the statistics of the test images.
# hint: Batch norm learns from what it sees in train mode.

def accuracy_by_factor(model, factory, values, seed):
    found = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            found.append((model(images).argmax(1) == labels).float().mean().item())
    return found
