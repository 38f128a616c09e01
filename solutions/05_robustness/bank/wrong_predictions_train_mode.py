# question: crop_predictions
# misconception: crops_seen_in_train_mode
# sentence: The network is asked in the mode in which it comes, with batch norm over the crops.
# hint: `no_grad` is no eval mode.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with torch.no_grad():
        p = F.softmax(model(crops), dim=1)
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
