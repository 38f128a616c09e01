# question: accuracy_by_factor
# misconception: percent_for_share
# sentence: Accuracies are given in percent.
# hint: An accuracy is a share between 0 and 1.

def accuracy_by_factor(model, factory, values, seed):
    found = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with evaluating(model):
            found.append(100 * (model(images).argmax(1) == labels).float().mean().item())
    return found
