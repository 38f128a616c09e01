# question: repair_block
# note: subclasses the broken block and replaces what is wrong

class RepairedBlock(BrokenBlock):
    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, stride)
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)

    def forward(self, x):
        x = self.norm1(self.depthwise(x)).clamp(min=0)
        return self.norm2(self.pointwise(x)).clamp(min=0)
