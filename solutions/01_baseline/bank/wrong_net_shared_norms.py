# question: baseline_net
# misconception: batch_norms_shared
# sentence: Convolutions of equal width share one batch norm.
# hint: Each convolution has maps of its own, with their own mean and variance.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        norms = {width: nn.BatchNorm2d(width) for width in widths}
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1), norms[width], nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
