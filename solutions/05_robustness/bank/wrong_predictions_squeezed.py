# question: crop_predictions
# misconception: needless_squeeze_of_the_map
# sentence: A `squeeze` drops every dimension of length 1, so a map of one row or one column loses it.
# hint: The shape is `(rows, cols, classes)`, also where there is one row.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        probabilities = F.softmax(model(crops), dim=1)
    rows = len(corners[:, 0].unique())
    return probabilities.unflatten(0, (rows, -1)).squeeze()
