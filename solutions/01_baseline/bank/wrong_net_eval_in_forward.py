# question: baseline_net
# misconception: eval_in_forward
# sentence: The network puts itself into eval mode in `forward`, so batch norm never sees a batch's own statistics.
# hint: Whether the network trains is decided by whoever calls it.

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
        self.eval()
        return self.classifier(self.features(images).mean(dim=(2, 3)))
