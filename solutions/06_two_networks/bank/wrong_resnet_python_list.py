# question: small_resnet
# misconception: layers_in_a_python_list
# sentence: The stages are kept in a plain Python list, so their parameters are not found, trained or saved.
# hint: nn.Sequential or nn.ModuleList registers what is in it.

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
        self.stages = stages
        self.classifier = nn.Linear(c, classes)

    def forward(self, images):
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        return self.classifier(x.mean((2, 3)))
