# question: mobilenet
# misconception: max_instead_of_mean
# sentence: The head takes the largest value of each map instead of its mean.
# hint: Global *average* pooling.

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [conv_norm_relu(c, c, 3, stride, groups=c), conv_norm_relu(c, width, 1)]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(c, classes)

    def forward(self, x):
        return self.fc(self.body(x).amax((2, 3)))
