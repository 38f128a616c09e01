# question: basic_block
# note: the shortcut goes first, the correction is a method, the ReLU a clamp

def conv3x3(cin, cout, stride=1):
    return nn.Conv2d(cin, cout, 3, stride, 1, bias=False)

class BasicBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        same = stride == 1 and in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, stride, 0, bias=False), nn.BatchNorm2d(out_channels))
        self.norm1, self.norm2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        self.conv1, self.conv2 = conv3x3(in_channels, out_channels, stride), conv3x3(out_channels, out_channels)

    def correction(self, x):
        return self.norm2(self.conv2(self.norm1(self.conv1(x)).clamp(min=0)))

    def forward(self, x):
        return torch.clamp(self.shortcut(x) + self.correction(x), min=0)
