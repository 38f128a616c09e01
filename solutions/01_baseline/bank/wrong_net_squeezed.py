# question: baseline_net
# misconception: needless_squeeze_after_pooling
# sentence: A `squeeze` after the pooling drops every dimension of length 1, so one image alone loses its batch.
# hint: `flatten(1)`, or a mean over dimensions 2 and 3, leaves the batch as it is.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).squeeze())
