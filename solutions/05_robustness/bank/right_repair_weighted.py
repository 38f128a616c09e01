# question: repair_resolution
# note: means of small batches, weighed by their size

def evaluate_at_resolution(model, images, labels, resolution, batch_size=10):
    total = 0.0
    for start in range(0, len(images), batch_size):
        x, y = images[start : start + batch_size], labels[start : start + batch_size]
        with evaluating(model):
            logits = model(F.interpolate(x, (resolution,) * 2, mode="bilinear", antialias=True))
        total += float((logits.max(1)[1] == y).float().mean()) * len(y)
    return total / len(images)
