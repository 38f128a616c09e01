# question: crop_predictions
# misconception: exponential_overflows
# sentence: The exponential of a large logit is infinite, and the quotient NaN.
# hint: Subtract the largest logit first, or use the library's softmax.

def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        e = model(crops).exp()
    p = e / e.sum(dim=1, keepdim=True)
    return p.unflatten(0, (len(corners[:, 0].unique()), -1))
