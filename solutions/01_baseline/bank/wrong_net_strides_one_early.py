# question: baseline_net
# misconception: stride_one_layer_early
# sentence: Each stride sits one convolution too early: maps are halved before the channels double.
# hint: Compare the row of strides with the row of channels: both change at j = 2, 5 and 8.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES[1:] + STRIDES[:1]):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
