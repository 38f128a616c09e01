# question: repair_block
# misconception: norm_after_the_pair_only
# sentence: Batch norm and ReLU come after the pair only; between its halves there is nothing.
# hint: The specification has six steps. How many has your `forward`?

class RepairedBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.norm1 = nn.BatchNorm2d(cin)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.norm2(self.pointwise(self.depthwise(x))))
