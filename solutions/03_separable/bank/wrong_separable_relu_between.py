# question: separable_conv
# misconception: nonlinearity_between
# sentence: There is a ReLU between the halves, so the block is no longer a convolution.
# hint: Batch norm and ReLU come in part 4; here nothing stands between the two.

class SeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, bias=True):
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, kernel_size, stride, padding=kernel_size // 2, groups=in_channels, bias=bias)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(torch.relu(self.depthwise(x)))
