# question: baseline_net
# misconception: ten_classes_fixed_in_the_network
# sentence: The number of classes is fixed to ten.
# hint: What does `BaselineNet(classes=4)` return?

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, 10)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
