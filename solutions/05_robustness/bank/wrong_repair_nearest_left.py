# question: repair_resolution
# misconception: nearest_neighbour_left
# sentence: Resizing still takes the nearest pixel.
# hint: Fine stripes show it: whole columns are stepped over.

def evaluate_at_resolution(model, images, labels, resolution):
    hits = 0
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64)):
            hits += (model(F.interpolate(x, (resolution, resolution))).argmax(1) == y).sum().item()
    return hits / len(labels)
