# question: repair_resolution
# misconception: softmax_over_the_images
# sentence: The softmax still runs over the images of the batch, and changes which class is largest.
# hint: One image that is brighter than the others shows it.

def evaluate_at_resolution(model, images, labels, resolution):
    hits = 0
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64)):
            small = F.interpolate(x, (resolution, resolution), mode="bilinear", antialias=True)
            hits += (F.softmax(model(small), dim=0).argmax(1) == y).sum().item()
    return hits / len(labels)
