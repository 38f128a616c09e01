# question: repair_resolution
# misconception: antialiasing_missing
# sentence: Resizing is bilinear, without antialiasing: when it shrinks, it looks at few of the pixels.
# hint: A pixel that is four times as wide should be a mean of all that it covers.

def evaluate_at_resolution(model, images, labels, resolution):
    hits = 0
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64)):
            small = F.interpolate(x, (resolution, resolution), mode="bilinear")
            hits += (model(small).argmax(1) == y).sum().item()
    return hits / len(labels)
