# question: baseline_net
# misconception: no_grad_in_forward
# sentence: The forward pass runs under `torch.no_grad()`, so the network cannot be trained.
# hint: Whether gradients are recorded is decided by whoever calls the network.

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
        with torch.no_grad():
            return self.classifier(self.features(images).mean(dim=(2, 3)))
