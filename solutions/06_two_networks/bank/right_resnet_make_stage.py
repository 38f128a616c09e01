# question: small_resnet
# note: a helper method that remembers the channels, as in many code bases; the classifier is defined first

class SmallResNet(nn.Module):
    def __init__(self, classes=10, widths=(32, 64, 128, 256), blocks=1):
        super().__init__()
        self.classifier = nn.Linear(widths[-1], classes)
        self.now = widths[0]
        self.stem = nn.Sequential()
        self.stem.add_module("conv", nn.Conv2d(3, self.now, 3, padding=1, bias=False))
        self.stem.add_module("bn", nn.BatchNorm2d(self.now))
        self.stem.add_module("relu", nn.ReLU())
        self.stages = nn.Sequential(*[self._make_stage(w, blocks, 1 if w is widths[0] and i == 0 else 2) for i, w in enumerate(widths)])

    def _make_stage(self, width, blocks, stride):
        layers = []
        for s in [stride] + [1] * (blocks - 1):
            layers.append(BasicBlock(self.now, width, s))
            self.now = width
        return nn.Sequential(*layers)

    def forward(self, images):
        f = self.stages(self.stem(images))
        return self.classifier(F.adaptive_avg_pool2d(f, (1, 1))[:, :, 0, 0])
