# question: baseline_net
# note: a block class, explicit zero padding, the head as a 1×1 convolution would be: linear first, then the mean

class Step(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.pad = nn.ZeroPad2d(1)
        self.conv = nn.Conv2d(cin, cout, kernel_size=(3, 3), stride=(stride, stride))
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x):
        return torch.clamp(self.bn(self.conv(self.pad(x))), min=0)

class BaselineNet(nn.Sequential):
    def __init__(self, classes=10, widths=WIDTHS):
        chain = [3, *widths]
        super().__init__(*[Step(chain[j], chain[j + 1], STRIDES[j]) for j in range(11)])
        self.head = nn.Linear(chain[-1], classes)

    def forward(self, images):
        x = images
        for j in range(11):
            x = self[j](x)
        return self.head(x.permute(0, 2, 3, 1)).flatten(1, 2).mean(1)
