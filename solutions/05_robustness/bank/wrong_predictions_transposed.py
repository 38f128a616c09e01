# question: crop_predictions
# misconception: map_with_columns_first
# sentence: The map has as many rows as there are columns of crops.
# hint: Reading order: the first numbers belong to the first row of crops.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        p = F.softmax(model(crops), dim=1)
    return p.unflatten(0, (len(corners[:, 1].unique()), -1))
