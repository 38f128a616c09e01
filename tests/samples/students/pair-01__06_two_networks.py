# timestamp: 2026-11-22 19:05:00 +0100
# %% blank predict_networks
predict_1 = "c"
predict_2 = "c"
predict_3 = "b"


# %% blank basic_block
class BasicBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        if stride == 1 and in_channels == out_channels:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = F.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        return F.relu(out + self.shortcut(x))


# %% blank small_resnet
class SmallResNet(nn.Module):
    def __init__(self, classes: int = 10, widths: tuple[int, ...] = (32, 64, 128, 256), blocks: int = 1):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        stages = []
        channels = widths[0]
        for i, width in enumerate(widths):
            stage = []
            for j in range(blocks):
                stride = 2 if i > 0 and j == 0 else 1
                stage.append(BasicBlock(channels, width, stride))
                channels = width
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)
        x = self.stages(x)
        return self.classifier(x.mean(dim=(2, 3)))


# %% blank rotate_batch
def rotate_batch(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    n = len(images)
    rotated = torch.cat([torch.rot90(images, k, (2, 3)) for k in range(4)])
    labels = torch.cat([torch.full((n,), k) for k in range(4)])
    return rotated, labels


# %% blank penultimate_features
def penultimate_features(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    features = []
    was_training = model.training
    hook = linear.register_forward_hook(lambda m, inputs, output: features.append(inputs[0]))
    model.eval()
    with torch.no_grad():
        model(images)
    hook.remove()
    model.train(was_training)
    return features[0]


# %% blank class_activation_map
def activation_map(features: torch.Tensor, weight: torch.Tensor, label: int) -> torch.Tensor:
    return (weight[label][:, None, None] * features).sum(dim=0)


def class_activation_map(
    features: torch.Tensor, weight: torch.Tensor, label: int, size: tuple[int, int]
) -> torch.Tensor:
    cam = activation_map(features, weight, label)
    cam = F.interpolate(cam[None, None], size, mode="bilinear", align_corners=False)[0, 0]
    cam = cam - cam.min()
    return cam / cam.max() if cam.max() > 0 else cam


# %% blank nearest_neighbours
def nearest_neighbours(queries, gallery, k: int, metric: str):
    if metric == "cosine":
        distances = 1 - F.normalize(queries) @ F.normalize(gallery).T
    else:
        distances = torch.cdist(queries, gallery)
    return distances.topk(k, largest=False)


# %% blank repair_knn
def knn_classify(features: torch.Tensor, labels: torch.Tensor, k: int) -> torch.Tensor:
    normalised = F.normalize(features, dim=1)
    similarity = normalised @ normalised.T
    similarity.fill_diagonal_(-1e9)
    neighbours = similarity.topk(k).indices
    return labels[neighbours].mode(dim=1).values


# %% [markdown] activation_maps
# ## 13. Three favourites and one surprise
#
# *Our answer:*
#
# Favourites are 1, 3 and 5. On 5 (the ring) the first network is bright along the ring itself and dark outside; the second looks
# at the shading beside it. On 3 the first network looks at the whole of the checks, the second at the lower edge. Surprise:
# on 0 the bright spot lies below the bar. The map has only 4×4 positions, so it cannot be sharper than 8 pixels. A map does not show that
# the network *needs* the bright part. For that we would cover it with grey and look at the logit.

# %% [markdown] where_is_the_knowledge
# ## 14. Where did rotation put the knowledge?
#
# *Our answer:*
#
# Our guess was stage 2, since edges and parts are there. In our figure the rotation network is best after stage 3 with 44 % and has 42 % after
# stage 4; the one trained on labels rises to 99.7 %. The last stage is made for turns, so what is the same in all four turns is lost. Its neighbours have the same
# background colour but other shapes. The untrained network has 25 %: random filters still see colour and coarse shape.


# %% blank quiz_1
quiz_1 = "b"
# %% blank quiz_2
quiz_2 = "d"
# %% blank quiz_3
quiz_3 = "b"
# %% blank quiz_4
quiz_4 = "d"
# %% blank quiz_5
quiz_5 = "a"
