# question: crop_predictions
# note: one crop after the other, modes noted by hand, log-softmax and exp

def crop_predictions(model, image, size, stride):
    before = [(part, part.training) for part in model.modules()]
    model.eval()
    crops, corners = sliding_crops(image, size, stride)
    tops = sorted({int(top) for top, _ in corners})
    lefts = sorted({int(left) for _, left in corners})
    out = None
    with torch.inference_mode():
        for crop, (top, left) in zip(crops, corners.tolist()):
            p = model(crop.unsqueeze(0)).log_softmax(-1).exp()[0]
            if out is None:
                out = torch.zeros(len(tops), len(lefts), len(p))
            out[tops.index(top), lefts.index(left)] = p
    for part, mode in before:
        part.training = mode
    return out
