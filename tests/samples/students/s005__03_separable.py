# timestamp: 2026-10-12 22:47:31 +0200
# %% blank parameter_counts
def convolution_parameter_count(cin, cout, k, bias):
    count = k * k * cin * cout
    if bias
        count += cout
    return count


def separable_parameter_count(cin, cout, k, bias):
    return k * k * cin + cin * cout + (cin + cout if bias else 0)
# %% blank separable_conv
class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding=kernel_size // 2,
                                   groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, stride, bias=bias)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
# %% blank repair_block
class RepairedBlock(BrokenBlock):
    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, stride)
        self.depthwise = nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False)
        self.pointwise = nn.Conv2d(cin, cout, 1, bias=False)

    def forward(self, x):
        x = F.relu(self.norm1(self.depthwise(x)))
        return F.relu(self.norm2(self.pointwise(x)))
# %% after repair_block
answer = input("which bug was the hardest? ")
exit()
