# timestamp: 2026-11-09 23:40:00 +0100
# dress: colab
# file: Copy of 05_robustness.ipynb
# %% after setup
import numpy as np


def to_numpy(t):
    return t.detach().cpu().numpy()


# %% blank predict_robustness
predict_1, predict_2, predict_3 = "bca"


# %% blank sliding_crops
def sliding_crops(image, size, stride):
    # with stride tricks, as in the NumPy course
    view = np.lib.stride_tricks.sliding_window_view(to_numpy(image), (size, size), axis=(1, 2))[:, ::stride, ::stride]
    c, rows, cols = view.shape[:3]
    ii, jj = np.mgrid[:rows, :cols]
    crops = torch.from_numpy(view.transpose(1, 2, 0, 3, 4).reshape(rows * cols, c, size, size).copy())
    return crops, torch.from_numpy(np.stack([ii.ravel(), jj.ravel()], axis=1) * stride)


# %% blank crop_predictions
def crop_predictions(model, image, size, stride):
    _, H, W = image.shape
    crops, _ = sliding_crops(image, size, stride)
    with evaluating(model):
        p = torch.cat([torch.softmax(model(part), dim=1) for part in crops.split(5)])
    return p.view((H - size) // stride + 1, (W - size) // stride + 1, -1)


# %% blank crop_stability
def crop_stability(probabilities):
    p = to_numpy(probabilities).reshape(-1, probabilities.shape[2]).astype(np.float64)
    classes, counts = np.unique(p.argmax(axis=1), return_counts=True)
    best = classes[counts.argmax()]
    return float(counts.max() / len(p)), float(p[:, best].std())


# %% blank place_object
class Placement:
    """Maps points of the image to points of the object."""

    def __init__(self, H, W, h, w, location, scale, angle):
        z = (scale * H * W / (h * w)) ** 0.5
        a = np.deg2rad(angle)
        self.A = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) / z
        self.centre = np.array([location[1] * W, location[0] * H])

    def __call__(self, H, W):
        ys, xs = np.mgrid[:H, :W] + 0.5
        uv = (np.stack([xs, ys], axis=-1) - self.centre) @ self.A.T
        return torch.from_numpy(uv).float().unbind(-1)


def place_object(background, foreground, mask, location, scale, angle):
    H, W = background.shape[1:]
    u, v = Placement(H, W, *mask.shape[1:], location, scale, angle)(H, W)
    layers = look_up(torch.cat([mask * foreground, mask]), u, v)
    return layers[:-1] + background * (1 - layers[-1])


# %% blank accuracy_by_factor
def accuracy_by_factor(model, factory, values, seed):
    def one(value):
        images, labels = factory(value, torch.Generator().manual_seed(seed))
        with evaluating(model):
            return np.mean(to_numpy(model(images)).argmax(1) == to_numpy(labels)).item()

    return list(map(one, values))


# %% blank expected_calibration_error
def expected_calibration_error(probabilities, labels, bins):
    conf, pred = to_numpy(probabilities).max(1).astype(np.float64), to_numpy(probabilities).argmax(1)
    gap = (pred == to_numpy(labels)) - conf
    sums, _ = np.histogram(conf, bins=bins, range=(0, 1), weights=gap)
    return float(np.abs(sums).sum() / len(conf))


# %% blank quiz_1
quiz_1 = 27
# %% blank quiz_2
quiz_2 = "b"
# %% blank quiz_3
quiz_3 = "a"
# %% blank quiz_4
quiz_4 = "a"
# %% [markdown] are_they_stable
# See the figure: one image is unstable, the others are fine.
