# question: mobilenet
# misconception: stride_on_pointwise
# sentence: The stride is on the pointwise step, so the depthwise one works at the larger size and its result is thrown away.
# hint: Sizes and counts are the same either way; look at the table: which step has the stride?

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [conv_norm_relu(c, c, 3, groups=c), nn.Sequential(nn.Conv2d(c, width, 1, stride=stride), nn.BatchNorm2d(width), nn.ReLU())]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(c, classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
