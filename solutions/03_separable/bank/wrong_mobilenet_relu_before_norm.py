# question: mobilenet
# misconception: relu_before_norm
# sentence: ReLU comes before batch norm.
# hint: The helper's order is convolution, batch norm, ReLU.

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        def step(conv):
            return nn.Sequential(conv, nn.ReLU(), nn.BatchNorm2d(conv.out_channels))
        layers, c = [step(nn.Conv2d(3, 64, 3, padding=1))], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [step(nn.Conv2d(c, c, 3, stride, 1, groups=c)), step(nn.Conv2d(c, width, 1))]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(c, classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
