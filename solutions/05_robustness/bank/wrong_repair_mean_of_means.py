# question: repair_resolution
# misconception: mean_of_batch_means
# sentence: Accuracies of unequal batches are still averaged as if the batches were equal.
# hint: Count the hits of all batches, and divide once.

def evaluate_at_resolution(model, images, labels, resolution):
    means = []
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64)):
            small = F.interpolate(x, (resolution, resolution), mode="bilinear", antialias=True)
            means.append((model(small).argmax(1) == y).float().mean().item())
    return sum(means) / len(means)
