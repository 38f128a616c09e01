# question: accuracy_by_factor
# misconception: needless_squeeze_of_logits
# sentence: A `squeeze` drops every dimension of length 1, so the logits of one image alone lose their batch.
# hint: A factory may make one image: its logits are `(1, classes)`.

def accuracy_by_factor(model, factory, values, seed):
    accuracies = []
    for value in values:
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with evaluating(model):
            hits = model(images).squeeze().argmax(dim=1) == labels
        accuracies.append(hits.float().mean().item())
    return accuracies
