# question: baseline_net
# misconception: pooling_of_fixed_size
# sentence: The head averages the first row of the last map only, which is all of it only where the map has one row.
# hint: Average over height *and* width, however large they are.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images)[:, :, 0].mean(dim=2))
