# question: repair_block
# misconception: relu_before_norm_left
# sentence: ReLU still comes before the first batch norm.
# hint: Counts and shapes cannot show this one: read `forward` against the specification.

class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = self.norm1(F.relu(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))
