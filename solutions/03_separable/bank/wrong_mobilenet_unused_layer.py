# question: mobilenet
# misconception: layer_registered_but_not_used
# sentence: A layer is registered that no image passes through.
# hint: Count parameters by layer; which of them does forward never touch?

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [conv_norm_relu(c, c, 3, stride, groups=c), conv_norm_relu(c, width, 1)]
            c = width
        self.body, self.hidden, self.fc = nn.Sequential(*layers), nn.Linear(c, classes), nn.Linear(c, classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
