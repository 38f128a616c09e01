# question: mobilenet
# misconception: hard_coded_classes
# sentence: The number of classes is fixed to ten.
# hint: What does `MobileNet(classes=4)` return?

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [conv_norm_relu(c, c, 3, stride, groups=c), conv_norm_relu(c, width, 1)]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(512, 10)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
