# question: mobilenet
# note: depthwise and pointwise steps in two lists, AdaptiveAvgPool2d, other names

class Net(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        ins = [64] + list(WIDTHS[:-1])
        self.depth = nn.ModuleList([conv_norm_relu(c, c, 3, stride=s, groups=c) for c, s in zip(ins, STRIDES)])
        self.point = nn.ModuleList([conv_norm_relu(i, o, 1) for i, o in zip(ins, WIDTHS)])
        self.stem = conv_norm_relu(3, 64, 3)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(WIDTHS[-1], num_classes)

    def forward(self, x):
        x = self.stem(x)
        for d, p in zip(self.depth, self.point):
            x = p(d(x))
        return self.fc(torch.flatten(self.pool(x), 1))

class MobileNet(Net):
    pass
