# question: mobilenet
# misconception: missing_relu_after_depthwise
# sentence: A step lacks its ReLU: only pointwise steps have one.
# hint: Batch norm and ReLU come after each half, not after each pair.

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [nn.Conv2d(c, c, 3, stride, 1, groups=c), nn.BatchNorm2d(c), conv_norm_relu(c, width, 1)]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(c, classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
