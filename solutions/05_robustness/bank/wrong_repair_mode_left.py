# question: repair_resolution
# misconception: train_mode_left
# sentence: The network is still measured in the mode in which it comes.
# hint: How many batches has batch norm counted afterwards?

def evaluate_at_resolution(model, images, labels, resolution):
    hits = 0
    with torch.no_grad():
        for x, y in zip(images.split(64), labels.split(64)):
            small = F.interpolate(x, (resolution, resolution), mode="bilinear", antialias=True)
            hits += (model(small).argmax(1) == y).sum().item()
    return hits / len(labels)
