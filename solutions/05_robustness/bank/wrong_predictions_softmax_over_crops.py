# question: crop_predictions
# misconception: softmax_over_crops
# sentence: The softmax runs over the crops, not over the classes.
# hint: The probabilities of one place should sum to one.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        p = F.softmax(model(crops), dim=0)
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
