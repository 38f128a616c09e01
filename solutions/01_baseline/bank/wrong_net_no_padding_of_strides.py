# question: baseline_net
# misconception: strided_steps_not_padded
# sentence: The convolutions with a stride are not padded.
# hint: 9×12 maps become 5×6 at stride 2: what do yours become? Very small images fail altogether.

class BaselineNet(nn.Module):
    def __init__(self, classes=10, widths=WIDTHS):
        super().__init__()
        layers, channels = [], 3
        for width, stride in zip(widths, STRIDES):
            layers += [nn.Conv2d(channels, width, 3, stride, padding=1 if stride == 1 else 0), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.features(images).mean(dim=(2, 3)))
