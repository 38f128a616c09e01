# question: baseline_net
# misconception: layer_registered_but_not_used
# sentence: A layer is registered that no image passes through.
# hint: Count the parameters layer by layer: which of them does `forward` never touch?

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.hidden = nn.Linear(channels, channels)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
