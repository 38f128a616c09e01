# question: repair_block
# note: nn.ReLU modules beside the named layers, groups given as a keyword, padding "same" where possible

class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, kernel_size=(3, 3), stride=(stride, stride), padding=(1, 1), groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.act = nn.ReLU(inplace=True)
        self.pointwise = nn.Conv2d(cin, cout, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        for conv, norm in ((self.depthwise, self.norm1), (self.pointwise, self.norm2)):
            x = self.act(norm(conv(x)))
        return x
