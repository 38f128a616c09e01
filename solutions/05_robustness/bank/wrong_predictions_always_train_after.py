# question: crop_predictions
# misconception: train_mode_afterwards
# sentence: Afterwards the whole network is in train mode, whatever it was before.
# hint: A network may come in eval mode, or with one frozen part.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    model.eval()
    with torch.no_grad():
        p = F.softmax(model(crops), dim=1)
    model.train()
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
