# question: mobilenet
# misconception: probabilities_instead_of_logits
# sentence: The network returns probabilities where logits are asked for.
# hint: Cross-entropy applies the softmax itself.

class MobileNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers, c = [conv_norm_relu(3, 64, 3)], 64
        for width, stride in zip(WIDTHS, STRIDES):
            layers += [conv_norm_relu(c, c, 3, stride, groups=c), conv_norm_relu(c, width, 1)]
            c = width
        self.body, self.fc = nn.Sequential(*layers), nn.Linear(c, classes)

    def forward(self, x):
        return F.softmax(self.fc(self.body(x).mean((2, 3))), dim=1)
