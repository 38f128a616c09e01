# question: small_resnet
# misconception: ten_classes_hard_coded
# sentence: There are ten logits, whatever `classes` says.
# hint: Rotations have four classes.

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
        self.classifier = nn.Linear(c, 10)

    def forward(self, images):
        x = self.stages(self.stem(images))
        return self.classifier(x.mean((2, 3)))
