# timestamp: 2026-11-24 08:30:00 +0100
# dress: colab
# %% after setup
import numpy as np
from collections import Counter


def unit_rows(x):
    return x / x.norm(dim=1, keepdim=True).clamp_min(1e-12)


# %% blank predict_networks
predict_1, predict_2, predict_3 = "cdb"


# %% blank basic_block
class BasicBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, **extra):
        super().__init__()
        same = stride == 1 and in_channels == out_channels
        layers = dict(
            conv1=nn.Conv2d(in_channels, out_channels, (3, 3), (stride, stride), (1, 1), bias=False),
            norm1=nn.BatchNorm2d(out_channels),
            conv2=nn.Conv2d(out_channels, out_channels, (3, 3), (1, 1), (1, 1), bias=False),
            norm2=nn.BatchNorm2d(out_channels),
            shortcut=nn.Sequential()
            if same
            else nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            ),
        )
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        branch = x
        for layer in (self.conv1, self.norm1, torch.relu, self.conv2, self.norm2):
            branch = layer(branch)
        return torch.relu(torch.add(self.shortcut(x), branch))


# %% blank small_resnet
class SmallResNet(nn.Module):
    def __init__(self, classes=10, widths=(32, 64, 128, 256), blocks=1):
        super().__init__()
        plan = [(a, b, 1 + (i > 0)) for i, (a, b) in enumerate(zip((widths[0],) + tuple(widths), widths))]
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(True))
        self.stages = nn.Sequential(
            *(nn.Sequential(BasicBlock(a, b, s), *(BasicBlock(b, b) for _ in range(blocks - 1))) for a, b, s in plan)
        )
        self.classifier = nn.Linear(widths[-1], 10)

    def forward(self, images):
        return self.classifier(F.adaptive_avg_pool2d(self.stages(self.stem(images)), 1).flatten(1))


# %% blank rotate_batch
def rotate_batch(images):
    arrays = [np.rot90(images.numpy(), k, axes=(2, 3)).copy() for k in range(4)]
    return torch.from_numpy(np.concatenate(arrays)), torch.from_numpy(np.repeat(np.arange(4), len(images)))


# %% blank penultimate_features
class Peek:
    def __init__(self, layer):
        self.seen = None
        self.handle = layer.register_forward_pre_hook(self)

    def __call__(self, layer, inputs):
        self.seen = inputs[0].detach().clone()


def penultimate_features(model, images):
    *_, last = (m for m in model.modules() if isinstance(m, nn.Linear))
    peek, modes = Peek(last), [m.training for m in model.modules()]
    model.eval()(images)
    peek.handle.remove()
    for m, mode in zip(model.modules(), modes):
        m.training = mode
    return peek.seen


# %% blank class_activation_map
def activation_map(features, weight, label):
    total = torch.zeros_like(features[0])
    for w, f in zip(weight[label], features):
        total = total + w * f
    return total


def class_activation_map(features, weight, label, size):
    picture = nn.Upsample(size, mode="bilinear")(activation_map(features, weight, label)[None, None])[0][0]
    return (picture - picture.min()) / (picture.max() - picture.min())


# %% blank nearest_neighbours
def nearest_neighbours(queries, gallery, k, metric):
    if metric == "cosine":
        queries, gallery = unit_rows(queries), unit_rows(gallery)
    squares = (queries[:, None] - gallery[None]).pow(2).sum(2)
    distances = squares / 2 if metric == "cosine" else squares.sqrt()
    order = distances.argsort(1)[:, :k]
    return distances.gather(1, order), order


# %% blank repair_knn
def knn_classify(features, labels, k):
    _, places = nearest_neighbours(features, features, k + 1, "cosine")
    winners = [Counter(labels[row[row != i]][:k].tolist()).most_common(1)[0][0] for i, row in enumerate(places)]
    return torch.tensor(winners)


# %% blank quiz_1
quiz_1 = "b"
# %% blank quiz_2
quiz_2 = "d"
# %% blank quiz_3
quiz_3 = "a"
# %% blank quiz_4
quiz_4 = "d"
# %% delete check_quiz
