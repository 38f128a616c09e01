# question: small_resnet
# misconception: mean_over_one_dimension
# sentence: The head averages the first row only, which is right only where the last map has one row.
# hint: Average over height *and* width.

class SmallResNet(nn.Module):
    def __init__(self, classes=10, widths=(32, 64, 128, 256), blocks=1):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        stages, c = [], widths[0]
        for i, width in enumerate(widths):
            stage = []
            for j in range(blocks):
                stage.append(BasicBlock(c, width, 2 if i > 0 and j == 0 else 1))
                c = width
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(c, classes)

    def forward(self, images):
        x = self.stages(self.stem(images))
        return self.classifier(x[:, :, 0].mean(-1))
