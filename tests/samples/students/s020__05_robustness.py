# timestamp: 2026-11-08 19:12:00 +0100
# %% blank predict_robustness
predict_1 = "b"
predict_2 = "c"
predict_3 = "b"


# %% blank sliding_crops
def sliding_crops(image, size, stride):
    crops, corners = [], []
    for top in range(0, image.shape[1] - size + 1, stride):
        for left in range(0, image.shape[2] - size + 1, stride):
            crops.append(image[:, top : top + size, left : left + size])
            corners.append([top, left])
    return torch.stack(crops), torch.tensor(corners)


# %% blank crop_predictions
def crop_predictions(model, image, size, stride):
    crops, corners = sliding_crops(image, size, stride)
    with evaluating(model):
        probabilities = model(crops).softmax(dim=1)
    rows = len(set(corners[:, 0].tolist()))
    return probabilities.reshape(rows, -1, probabilities.shape[1])


# %% blank crop_stability
def crop_stability(probabilities):
    flat = probabilities.reshape(-1, probabilities.shape[-1])
    votes = flat.argmax(dim=1)
    winner = votes.bincount().argmax()
    agreement = (votes == winner).float().mean()
    return agreement.item(), flat[:, winner].std(unbiased=False).item()


# %% blank place_object
def place_object(background, foreground, mask, location, scale, angle):
    C, H, W = background.shape
    h, w = mask.shape[1:]
    y = torch.arange(H).unsqueeze(1) + 0.5 - location[0] * H
    x = torch.arange(W).unsqueeze(0) + 0.5 - location[1] * W
    z = math.sqrt(scale * H * W / (h * w))
    a = math.radians(angle)
    # first turn back, then shrink
    u = (math.cos(a) * x + math.sin(a) * y) / z
    v = (math.cos(a) * y - math.sin(a) * x) / z
    alpha = look_up(mask, u, v)
    return look_up(mask * foreground, u, v) + (1 - alpha) * background


# %% blank accuracy_by_factor
def accuracy_by_factor(model, factory, values, seed):
    result = []
    for value in values:
        generator = torch.Generator()
        generator.manual_seed(seed)
        images, labels = factory(value, generator)
        with evaluating(model):
            result.append((model(images).argmax(1) == labels).float().mean().item())
    return result


# %% blank repair_resolution
def evaluate_at_resolution(model, images, labels, resolution):
    right = 0
    with evaluating(model):
        for x, y in zip(images.split(64), labels.split(64)):
            x = F.interpolate(x, size=(resolution, resolution), mode="bilinear", antialias=True)
            right += int((model(x).argmax(dim=1) == y).sum())
    return right / len(labels)


# %% blank expected_calibration_error
def expected_calibration_error(probabilities, labels, bins):
    confidence, predicted = probabilities.max(dim=1)
    right = (predicted == labels).float()
    which = torch.clamp((confidence * bins).long(), max=bins - 1)
    total = 0.0
    for b in range(bins):
        members = which == b
        if members.any():
            gap = (right[members].mean() - confidence[members].mean()).abs().item()
            total += members.float().mean().item() * gap
    return total


# %% blank quiz_1
quiz_1 = 27
# %% blank quiz_2
quiz_2 = "b"
# %% blank quiz_3
quiz_3 = "a"
# %% blank quiz_4
quiz_4 = "d"
# %% blank quiz_5
quiz_5 = "b"
# %% [markdown] are_they_stable
# The disc in the first row has agreement 0.53 and spread 0.11. In its map the votes change four times along one row, so one pixel is enough to change the class. Where P(triangle) falls, P(two discs) rises.
#
# I think it is the strides: with a shift of one pixel the second layer looks at the other half of the positions.
# %% [markdown] which_factor
# Scale costs most, 55 % between 0.1 and 1, then angle with 45 %, location 40 %. The bands are about 10 % wide, so scale and location differ, angle and location perhaps not.
#
# The ranges are not comparable: nobody photographs a bird at 180°. I would train with random sizes.
