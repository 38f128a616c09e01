# question: accuracy_by_factor
# misconception: generator_handed_on
# sentence: One generator is handed from value to value, so that each value has other draws.
# hint: Where does the generator have to be made?

def accuracy_by_factor(model, factory, values, seed):
    generator = torch.Generator().manual_seed(seed)
    found = []
    for value in values:
        images, labels = factory(value, generator)
        with evaluating(model):
            found.append((model(images).argmax(1) == labels).float().mean().item())
    return found
