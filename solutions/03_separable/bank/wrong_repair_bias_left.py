# question: repair_block
# misconception: bias_left
# sentence: The pointwise convolution still has a bias.
# hint: 752 parameters; you have 32 more.

class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = F.relu(self.norm1(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))
