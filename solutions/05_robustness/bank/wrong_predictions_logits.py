# question: crop_predictions
# misconception: logits_for_probabilities
# sentence: The map holds logits, not probabilities.
# hint: What turns logits into numbers that sum to one?

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        p = model(crops)
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
