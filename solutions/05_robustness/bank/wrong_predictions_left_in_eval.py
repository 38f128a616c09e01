# question: crop_predictions
# misconception: left_in_eval_mode
# sentence: The network is put into eval mode and left there.
# hint: The helper of part 2 puts the modes back.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    model.eval()
    with torch.no_grad():
        p = F.softmax(model(crops), dim=1)
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
