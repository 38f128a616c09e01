# question: small_resnet
# note: a ModuleList of stages, pooling as a layer, keyword arguments

class SmallResNet(nn.Module):
    def __init__(self, classes=10, widths=(32, 64, 128, 256), blocks=1, channels=3):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], kernel_size=3, stride=1, padding=1, bias=False),
            nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True))
        self.stages = nn.ModuleList()
        previous = widths[0]
        for number, width in enumerate(widths):
            row = [BasicBlock(in_channels=previous, out_channels=width, stride=min(number + 1, 2))]
            while len(row) < blocks:
                row.append(BasicBlock(width, width, stride=1))
            self.stages.append(nn.Sequential(*row))
            previous = width
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(previous, classes)

    def forward(self, images):
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        return self.classifier(torch.flatten(self.pool(x), 1))
