# question: baseline_net
# misconception: relu_before_norm
# sentence: ReLU comes before batch norm.
# hint: Counts and shapes cannot show this one: convolution, batch norm, ReLU.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.ReLU(), nn.BatchNorm2d(width)]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
