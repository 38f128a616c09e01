# question: accuracy_by_factor
# note: the generator's state is put back before each value; all images in one batch

def accuracy_by_factor(model, factory, values, seed):
    generator = torch.Generator().manual_seed(seed)
    start = generator.get_state()
    made = []
    for value in values:
        generator.set_state(start)
        made.append(factory(value, generator))
    with evaluating(model):
        logits = model(torch.cat([images for images, _ in made]))
    hits = logits.argmax(1) == torch.cat([labels for _, labels in made])
    return [float(part.double().mean()) for part in hits.split([len(labels) for _, labels in made])]
